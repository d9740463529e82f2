import { type Answer, isRight, type Row, rivalNames } from './matrix.ts';
import type { Situation } from './situation.ts';

const answerText = (situation: Situation, answer: Answer): string => {
  const text = answer === null ? 'stays' : `stops ${Math.round(answer / 1_000)}s`;
  return isRight(situation, answer) ? text : `${text} WRONG`;
};

/** The matrix as Markdown: situation, what is right, what each says. Wrong stops and wrong stays are marked. */
export function matrixTable(rows: readonly Row[]): string {
  const lines = rows.map(({ situation, ours, because, others }) => [
    situation.name,
    situation.right,
    answerText(situation, ours),
    ...rivalNames.map((name) => answerText(situation, others[name])),
    because.replace(/ \(cpu .*$/, '').replaceAll('|', '/'),
  ]);
  const wrong = (of: (row: Row) => Answer) => {
    const bad = rows.filter((row) => !isRight(row.situation, of(row)));
    const stops = bad.filter((row) => of(row) !== null).length;
    return `${stops} wrong stops, ${bad.length - stops} wrong stays`;
  };
  const total = [
    '',
    '',
    wrong(({ ours }) => ours),
    ...rivalNames.map((name) => wrong(({ others }) => others[name])),
    '',
  ];
  const head = ['situation', 'right', 'workdock', ...rivalNames, "workdock's reason"];
  const all = [head, head.map(() => '---'), ...lines, total];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
