import { plain } from '../lib/plain-text.ts';
import { costText } from './change-text.ts';
import type { Compared } from './plan-compare.ts';
import { foreseenMarkdown } from './plan-held.ts';

/** What a plan is of, for the head of the comment. */
export type PlanHead = { title: string; comparedWith: string };

/** GitHub refuses comments over 65,536 characters (measured in UTF-16 units; other forges take more). */
const MOST_TEXT = 60_000;
const MOST_VALUE = 200;

/** By this a CI finds the comment that it wrote last, to replace it. */
const MARK = '<!-- workdock plan -->';

/** Text of a spec: as code, so that it can neither mention anybody nor be markup. */
function code(text: string): string {
  const one = plain(text);
  const short = one.length > MOST_VALUE ? `${one.slice(0, MOST_VALUE)}…` : one;
  if (short === '') return '';
  const longest = Math.max(0, ...[...short.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = short.startsWith('`') || short.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${short}${pad}${fence}`;
}

/**
 * The same inside a table, where a bar ends a cell unless a backslash is before it. Some forges take two of them for
 * one that means nothing, so their number is always odd.
 */
export const cell = (text: string): string =>
  code(text).replace(
    /(\\*)\|/g,
    (_, before: string) => `${before.padEnd(before.length + (before.length % 2), '\\')}\\|`,
  );

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

/** A plan as a comment on a pull request. */
export function planMarkdown({ rows, problems, held }: Compared, head: PlanHead): string {
  const changed = rows.filter(({ changes, steps }) => changes.length + steps.length > 0);
  // Of what would be held the reason is told once.
  const waiting = rows.filter((row) => row.waitsFor !== undefined && row.held === undefined);
  const table = changed.flatMap(({ name, changes, steps }) => [
    ...changes.map((each) => {
      const values = [name, each.field, each.from, each.to].map(cell).join(' | ');
      return `| ${values} | ${costText(each)} | ${cell(each.origin ?? '')} |`;
    }),
    ...steps.map(({ op, why }) => `| ${cell(name)} | ${cell(op)} |  |  | ${cell(why)} |  |`),
  ]);
  const [top, foot] = [
    [
      MARK,
      `### workdock plan: ${code(head.title)}`,
      '',
      `Compared with ${code(head.comparedWith)}.`,
      '',
      changed.length === 0 ? 'No workspace changes.' : `${count(changed.length, 'workspace')} would change.`,
      ...foreseenMarkdown(held, code),
      ...(problems.length === 0
        ? []
        : ['', `**${count(problems.length, 'problem')}**: what has one keeps its last good spec.`]),
    ],
    [
      ...(waiting.length === 0 ? [] : ['', 'Nothing is done to these, or not at once:', '']),
      ...waiting.map(({ name, waitsFor }) => `- ${code(name)}: ${code(waitsFor ?? '')}`),
      ...(problems.length === 0 ? [] : ['', 'Problems:', '']),
      ...problems.map(({ file, line, message, suggestion }) => {
        const what = suggestion === undefined ? message : `${message}; ${suggestion}`;
        return `- ${code(`${file}:${line}`)} ${code(what)}`;
      }),
    ],
  ];
  const header =
    table.length === 0
      ? []
      : ['', '| workspace | field | from | to | what it costs its user | from where |', '|---|---|---|---|---|---|'];
  const body = [...header, ...table, ...foot];
  return [...top, ...cut(body, MOST_TEXT - top.join('\n').length)].join('\n');
}

/** As many lines as fit, and how many did not. */
function cut(lines: readonly string[], most: number): string[] {
  let left = most;
  const kept = lines.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  if (kept === -1) return [...lines];
  return [
    ...lines.slice(0, kept),
    '',
    `… and ${count(lines.length - kept, 'more line')}: \`workdock plan\` shows all.`,
  ];
}
