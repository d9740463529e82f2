import type { Problem } from '../model/problem.ts';
import { whole } from './document.ts';

/** The document end marker of YAML at the start of a line; nothing but blanks may follow where it ends a file. */
const marker = /^\.\.\.(?=[ \t\r]|$)/;
const ending = /^\.\.\.[ \t\r]*$/;

/**
 * Why a file cannot be taken for complete, at the line; undefined when it ends with the marker and has it nowhere else.
 * A marker in the middle is refused because a file that is cut right there would look complete.
 */
export function endMissing(path: string, text: string): Problem | undefined {
  const lines = text.split('\n');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  const first = lines.findIndex((line) => marker.test(line));
  const at = (index: number, message: string, suggestion: string): Problem => ({
    ...whole(path, message, suggestion),
    line: index + 1,
    ...(lines[index]?.trim() && { excerpt: lines[index] }),
  });
  if (last < 0 || !ending.test(lines[last]!)) {
    const message = 'the end marker `...` is missing after this line: the file is cut off, or was written without it';
    const suggestion = 'end the file with a line `...`, as the config wants it (endMarker: Required)';
    return at(Math.max(0, last), message, suggestion);
  }
  if (first === last) return undefined;
  const suggestion = 'separate documents by `---` alone; with endMarker: Required it ends the file';
  return at(first, 'the end marker `...` stands in the middle of the file', suggestion);
}
