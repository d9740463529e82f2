import { WorkdockError } from '../lib/errors.ts';
import type { Io } from './io.ts';
import { parseSelector } from './selection.ts';
import { report } from './several.ts';

type Named = { name: string; labels: Record<string, string> };
type Choice = { names: string[]; selector: string | undefined; what?: 'workspace' | 'home' };

/**
 * The rows of the given names, or, without names, those that `unasked` shows; fewer with a selector. `check` throws
 * NOT_FOUND for names that do not exist, after what there is was printed.
 */
export function chosenRows<T extends Named>(
  all: T[],
  { names, selector, what = 'workspace' }: Choice,
  unasked: (row: T) => boolean,
) {
  const matches = selector === undefined ? () => true : parseSelector(selector);
  const wanted = new Set(names);
  const rows = all.filter((row) => (wanted.size > 0 ? wanted.has(row.name) : unasked(row)) && matches(row.labels));
  const there = new Set(all.map(({ name }) => name));
  const missing = [...wanted].filter((name) => !there.has(name));
  return { rows, check: (io: Pick<Io, 'err'>) => report(missing.map(notFound(what)), wanted.size, io) };
}

const notFound = (what: 'workspace' | 'home') => (name: string) => {
  const hint = what === 'home' ? '`workdock home list` lists them' : '`workdock get` lists them';
  return new WorkdockError('NOT_FOUND', `no ${what} ${name}`, { hint });
};
