import type { Problem } from '../model/problem.ts';

/**
 * A problem for people: place and message, the line with a caret, what to write instead.
 * No colour; the text of a file cannot steer a terminal, because such characters are refused and never quoted.
 */
export function problemText({ file, line, column, message, suggestion, excerpt }: Problem): string {
  const number = `${line}`;
  const margin = ' '.repeat(number.length);
  const caret = (excerpt ?? '').slice(0, column - 1).replace(/[^\t]/g, ' ');
  return [
    `${file}:${line}:${column}: ${message}`,
    ...(excerpt === undefined ? [] : [`  ${number} | ${excerpt}`, `  ${margin} | ${caret}^`]),
    ...(suggestion === undefined ? [] : [`  ${margin} = ${suggestion}`]),
  ].join('\n');
}

export const problemsText = (problems: readonly Problem[]): string => problems.map(problemText).join('\n');
