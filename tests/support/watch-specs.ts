import { makeCatalogState } from '../../src/catalog-state.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Scan, SpecSource } from '../../src/model/source.ts';
import { troubleOf } from '../../src/model/source.ts';
import { makeFolderSource } from '../../src/sources/folder.ts';
import { makeCatalog } from '../../src/spec/catalog.ts';
import { makeParser } from '../../src/spec/parse-pool.ts';
import { site, workspaceText } from './spec-texts.ts';
import { until } from './until.ts';

/** What the files say of each name: the number that its spec has in `resources.pids`, or why it has none. */
export type Says = Record<string, number | 'invalid' | 'conflict'>;

/** A spec that says a number. */
export const saying = (name: string, pids: number, ...lines: string[]): string =>
  workspaceText(name, `resources: {pids: ${pids}}`, ...lines);

const deadlineMs = 20_000;
const same = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);
const sorted = (says: Says): Says => Object.fromEntries(Object.entries(says).sort(([a], [b]) => (a < b ? -1 : 1)));

type Options = { polling?: boolean; settleMs?: number; clock?: typeof systemClock };

/** The source of production on real folders, and the catalog of production behind it. */
export const watchSpecs = (folders: string[], { settleMs = 150, polling = false, clock = systemClock }: Options = {}) =>
  watchSource(makeFolderSource({ folders, settleMs, clock, polling, log: silentLog }));

/** Writes down what each settled scan means. Close it. */
export async function watchSource(source: SpecSource) {
  const parser = makeParser();
  const read = makeCatalog({ parse: parser.parse, config: site(), knownSources: () => new Map() });
  const catalog = makeCatalogState(read);
  const generations: Says[] = [];
  const troubles: string[] = [];
  const roots: string[] = [];
  let last: Scan | undefined;
  let scans = 0;

  const take = async (scan: Scan): Promise<void> => {
    const trouble = troubleOf(scan);
    if (trouble) troubles.push(`${scan.kind} ${trouble.reason} ${trouble.message}`);
    await catalog.take(scan);
    if (scan.kind === 'settled') {
      const all = catalog.names().map((name) => catalog.get(name)!);
      const says = all.map(
        (each) => [each.name, each.kind === 'valid' ? each.desired.limits.pids : each.kind] as const,
      );
      const now = sorted(Object.fromEntries(says));
      if (!same(now, generations.at(-1) ?? [])) generations.push(now);
      roots.push(JSON.stringify(scan.roots));
    }
    last = scan;
    scans += 1;
  };
  source.onScan(take);
  await source.start();

  const looked = async (): Promise<void> => {
    const before = scans;
    source.poke();
    await until(() => scans > before, { what: 'the look that was asked for', deadlineMs });
  };
  return {
    catalog,
    /** What the settled scans said, each that differs from the one before. */
    generations,
    /** What was wrong with the source, as it was told: `settled GitBusy …`. */
    troubles,
    roots,
    looked,
    last: () => last,
    /** Waits until the files are at rest and say this. */
    says: (expected: Says) =>
      until(() => last?.kind === 'settled' && same(generations.at(-1) ?? [], sorted(expected)), {
        what: () => `${JSON.stringify(expected)}, got ${JSON.stringify([generations, troubles])}`,
        deadlineMs,
      }),
    /** Waits until the source says that something is wrong with it now. */
    tells: (what: RegExp) =>
      until(() => last && troubleOf(last) && what.test(troubles.at(-1) ?? ''), {
        what: () => `${what}, got ${JSON.stringify([generations, troubles])}`,
        deadlineMs,
      }),
    well: () => until(() => last && !troubleOf(last), { what: () => troubles.join('\n'), deadlineMs }),
    close: async (): Promise<void> => {
      await source.close();
      await parser.close();
    },
  };
}

export type WatchedSpecs = Awaited<ReturnType<typeof watchSpecs>>;
