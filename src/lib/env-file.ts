/**
 * `KEY=VALUE` lines to a map, as `docker run --env-file` reads them: no quotes, no expansion, `#` is a comment.
 * @returns the map, or the number of the first line that is neither (its text is a secret and is not repeated).
 */
export function parseEnvFile(text: string): { ok: true; values: Record<string, string> } | { ok: false; line: number } {
  const values: Record<string, string> = {};
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (raw.trim() === '' || raw.startsWith('#')) continue;
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(raw);
    if (!match || match[2]!.includes('\0')) return { ok: false, line: index + 1 };
    values[match[1]!] = match[2]!;
  }
  return { ok: true, values };
}
