import { plain } from './plain-text.ts';

type Cell = { text: string; paint?: (text: string) => string };
export type Row = (string | Cell)[];

/**
 * Lines with columns two spaces apart; the last column is not padded.
 *
 * @param options.width  columns of the terminal: longer lines end in `…`. Absent = nothing is cut.
 */
export function table(head: string[], rows: Row[], { width }: { width?: number } = {}): string[] {
  const cells = [head.map((text): Cell => ({ text })), ...rows.map((row) => row.map(cell))];
  const last = head.length - 1;
  const widths = head.map((_, at) => Math.max(...cells.map((row) => [...(row[at]?.text ?? '')].length)));
  const before = widths.slice(0, last).reduce((sum, each) => sum + each + 2, 0);
  const room = width === undefined ? Infinity : Math.max(width - before, 8);
  return cells.map((row) =>
    row
      .map(({ text, paint = same }, at) =>
        at === last ? paint(cut(text, room)) : paint(text) + ' '.repeat(widths[at]! + 2 - [...text].length),
      )
      .join('')
      .trimEnd(),
  );
}

const same = (text: string) => text;
const cell = (value: string | Cell): Cell => {
  const given = typeof value === 'string' ? { text: value } : value;
  return { ...given, text: plain(given.text) };
};
const cut = (text: string, room: number) =>
  [...text].length <= room ? text : `${[...text].slice(0, room - 1).join('')}…`;
