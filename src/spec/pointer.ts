import type { Problem } from '../model/problem.ts';
import type { Chunk } from './chunks.ts';
import { excerptOf, type Located, type Place, type Spots } from './document.ts';
import type { Explained } from './explain.ts';
import type { Finding } from './tokens.ts';
import type { Offsets } from './tree.ts';

/** Turns offsets of one chunk into places of its file. */
export function pointer(path: string, { text, firstLine }: Chunk) {
  const lines = text.split('\n');
  const end = text.trimEnd().length; // where something is missing, the line that it is missing in is shown
  const starts: number[] = [];
  let next = 0;
  for (const line of lines) {
    starts.push(next);
    next += line.length + 1;
  }
  const shown = lines.map((line) => line.replace(/\r$/, ''));
  const place = (offset: number): Place => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: firstLine + low, column: offset - starts[low]! + 1 };
  };
  const problem = (
    offset: number,
    what: { path: string; message: string; suggestion?: string | undefined },
  ): Problem => {
    const { line, column } = place(Math.min(offset, end));
    const suggestion = what.suggestion === undefined ? {} : { suggestion: what.suggestion };
    const seen = excerptOf(shown[line - firstLine]!, column);
    return { file: path, line, column, path: what.path, message: what.message, ...suggestion, ...seen };
  };
  return {
    place,
    finding: ({ offset, path: at = '', message, suggestion }: Finding) =>
      problem(offset, { path: at, message, suggestion }),
    explained: ({ path: at, at: side, message, suggestion }: Explained, offsets: Offsets) =>
      problem(offsetOf(offsets, at)[side], { path: at, message, suggestion }),
    located: (offsets: Offsets): Located => {
      const entries = [...offsets].map(
        ([at, { key, value }]) => [at, { key: place(key), value: place(value) }] as const,
      );
      return { path, firstLine, lines: shown, spots: Object.fromEntries(entries) as Spots };
    },
  };
}

function offsetOf(offsets: Offsets, path: string): { key: number; value: number } {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const found = offsets.get(at);
    if (found) return at === path ? found : { key: found.key, value: found.key };
    if (at === '') return { key: 0, value: 0 };
  }
}
