/** A spec file is at most this long (design 6), in bytes of UTF-8. */
export const MAX_FILE_BYTES = 65_536;

/** One document's text and where it starts in the file. */
export type Chunk = { text: string; start: number; firstLine: number };

/** Control characters, marks that change the direction of text, byte order marks inside, halves of surrogate pairs. */
const forbidden = new RegExp(
  [
    '[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]',
    '[\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\ufffe\\uffff]',
    '\\r(?!\\n)',
    '\\p{Surrogate}',
  ].join('|'),
  'gu',
);

/** Finds characters that no spec needs. `clean` has the same length with each of them made harmless. */
export function cleanse(text: string): { clean: string; offsets: number[] } {
  const offsets: number[] = [];
  const clean = text.replace(forbidden, (_, offset: number) => {
    offsets.push(offset);
    return '\ufffd';
  });
  return { clean, offsets };
}

/** True for decoded values: what escapes such as `"\e"` or `"\0"` bring in. Tabs and line ends may stay. */
export const hasForbidden = (value: string): boolean => value.search(forbidden) >= 0;

/**
 * A file cut at the `---` and `...` lines. YAML allows those nowhere else, so whatever is open in one document (a
 * quote, a bracket) cannot swallow the next. Comments and directives before a `---` belong to its document.
 */
export function splitDocuments(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  let firstLine = 1;
  const cut = (end: number) => {
    if (end > start) {
      const part = text.slice(start, end);
      chunks.push({ text: part, start, firstLine });
      firstLine += part.split('\n').length - 1;
    }
    start = end;
  };
  for (const { index, 0: mark } of text.matchAll(/^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm)) {
    if (mark === '---' && !isPrelude(text.slice(start, index))) cut(index);
    else if (mark === '---') continue;
    else cut(text.indexOf('\n', index) < 0 ? text.length : text.indexOf('\n', index) + 1);
  }
  cut(text.length);
  return chunks;
}

/** Nothing but blank lines, comments and directives. */
const isPrelude = (text: string): boolean => /^(?:(?:[ \t]*(?:#.*)?|%.*)\r?(?:\n|$))*$/.test(text);

/** Nothing but blank lines, comments and document marks. */
export const isBlank = (text: string): boolean =>
  text.split('\n').every((line) => /^(?:(?:---|\.\.\.)(?=[ \t\r]|$))?[ \t\r]*(?:#.*)?$/.test(line));
