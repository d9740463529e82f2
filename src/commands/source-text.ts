import type { SourceRef } from '../model/desired.ts';

/** Where a spec stands, and who committed it when git knows. */
export function sourceText({ path, line, commit, author }: SourceRef): string {
  const by = author === undefined ? '' : ` by ${author}`;
  return `${path}:${line}${commit === undefined ? '' : ` at ${commit.slice(0, 12)}${by}`}`;
}
