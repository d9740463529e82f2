import { textWidth } from '../lib/text-width.ts';
import type { Problem } from '../model/problem.ts';

/**
 * A problem for people: place and message, the line with a caret, what to write instead.
 * No colour; the text of a file cannot steer a terminal, because such characters are refused and never quoted.
 */
export function problemText({ file, line, column, message, suggestion, excerpt, caret = column }: Problem): string {
  const number = `${line}`;
  const margin = ' '.repeat(number.length);
  const parts = (excerpt ?? '').slice(0, caret - 1).split('\t');
  const indent = parts.map((part) => ' '.repeat(textWidth(part))).join('\t');
  return [
    `${file}:${line}:${column}: ${message}`,
    ...(excerpt === undefined ? [] : [`  ${number} | ${excerpt}`, `  ${margin} | ${indent}^`]),
    ...(suggestion === undefined ? [] : [`  ${margin} = ${suggestion}`]),
  ].join('\n');
}

export const problemsText = (problems: readonly Problem[]): string => problems.map(problemText).join('\n');
