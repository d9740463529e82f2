import type { Figures, Row } from './paired.ts';

const number = (value: number) => value.toPrecision(3).replace(/e\+(\d+)$/, 'e$1');
const show = ({ median, min, max }: Figures) => `${number(median)} (${number(min)}-${number(max)})`;

/** The rows as text for people: median and, in brackets, the range. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ['NAME', 'UNIT', 'OURS', 'PEER', 'RATIO'],
    ...rows.map((row) => [row.name, row.unit, show(row.ours), show(row.peer), row.ratio.toFixed(2)]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
