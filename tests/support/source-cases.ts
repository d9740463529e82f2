import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSemaphore } from '../../src/lib/async.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type Says, type WatchedSpecs, watchSpecs } from './watch-specs.ts';

/** Where a case plays: a folder of its own with the specs folders in it. */
export type Stage = WatchedSpecs & {
  above: string;
  /** The first specs folder. */
  specs: string;
  at: (path: string) => string;
  write: (path: string, text: string) => void;
  /** Lets this much time pass, for the source. */
  pass: (ms: number) => void;
  /** Runs at the end, the latest first. */
  undo: (what: () => unknown) => void;
};

export type Case = {
  /** Files at the start, below the folder of the case: `specs/ada.yaml`. */
  start: Record<string, string>;
  /** Below the folder of the case; `specs` unless it says so. */
  folders?: string[];
  /** Before the source looks first. */
  before?: (stage: Pick<Stage, 'above' | 'specs' | 'at' | 'write' | 'undo'>) => void;
  act: (stage: Stage) => Promise<void> | void;
  /** Exactly what is in force one after the other, the first before `act`. */
  generations: Says[];
  /** What must have been told of the source meanwhile; without it nothing may be. */
  tells?: RegExp;
};

async function play({ start, folders = ['specs'], before, act, generations, tells }: Case, polling: boolean) {
  const above = mkdtempSync(join(tmpdir(), 'workdock-case-'));
  const undone: (() => unknown)[] = [() => rmSync(above, { recursive: true, force: true })];
  const at = (path: string): string => join(above, path);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  const place = { above, specs: at(folders[0]!), at, write, undo: (what: () => unknown) => void undone.unshift(what) };
  try {
    for (const folder of folders) mkdirSync(at(folder), { recursive: true });
    for (const [path, text] of Object.entries(start)) write(path, text);
    before?.(place);
    let aheadMs = 0;
    const clock = { ...systemClock, monotonic: () => performance.now() + aheadMs };
    const pass = (ms: number): void => {
      aheadMs += ms;
    };
    const watched = await watchSpecs(folders.map(at), { polling, clock });
    undone.unshift(watched.close);
    await watched.says(generations[0]!);
    await act({ ...watched, ...place, pass });
    await watched.says(generations.at(-1)!);
    await watched.looked();
    expect(watched.generations).toEqual(generations.map(inOrder));
    if (tells === undefined) expect(watched.troubles).toEqual([]);
    else expect(watched.troubles.join('\n')).toMatch(tells);
  } finally {
    for (const undo of undone) await undo();
  }
}
const inOrder = (says: Says): Says => Object.fromEntries(Object.entries(says).sort(([a], [b]) => (a < b ? -1 : 1)));

/** As many at a time, so that waiting overlaps and the figures of time in the cases still hold on two cores. */
const AT_ONCE = 12;

/** Every case as a test, on the real watcher by inotify and by polling. They play beside each other. */
export function sourceCases(cases: Record<string, Case>): void {
  const lane = makeSemaphore(AT_ONCE);
  const all = [false, true].flatMap((polling) =>
    Object.entries(cases).map(([name, each]) => ({ title: `${name}${polling ? ', by polling' : ''}`, each, polling })),
  );
  const played = new Map<string, Promise<unknown>>();
  beforeAll(() => {
    for (const { title, each, polling } of all) {
      const result = lane(() => play(each, polling)).then(
        () => undefined,
        (error: unknown) => error ?? new Error('failed'),
      );
      played.set(title, result);
    }
  });
  afterAll(async () => void (await Promise.all(played.values())), 60_000);
  test.each(all)('$title', { timeout: 60_000, retry: 0 }, async ({ title }) => {
    const error = await played.get(title);
    if (error !== undefined) throw error;
  });
}
