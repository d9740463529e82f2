import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { countSpace } from '../../src/homes/use.ts';
import { type Countable, watchUse } from '../../src/homes/use-watch.ts';
import { makeFakeClock } from '../support/fake-clock.ts';

const MIB = 2 ** 20;
const never = new AbortController().signal;

function makeHome(name = 'ada') {
  const root = mkdtempSync(join(tmpdir(), 'workdock-use-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, name));
  mkdirSync(join(root, 'foreign'));
  writeFileSync(join(root, 'foreign', 'large'), Buffer.alloc(8 * MIB, 1));
  return { root, home: join(root, name) };
}

test.each(['ada', '-rf', 'a b\n'])(
  'space is that of the blocks: links once, holes not, what is elsewhere not: %j',
  async (name) => {
    const { root, home } = makeHome(name);
    const empty = (await countSpace(home, never))!;
    mkdirSync(join(home, 'deep'));
    writeFileSync(join(home, 'deep', 'file'), Buffer.alloc(2 * MIB, 1));
    linkSync(join(home, 'deep', 'file'), join(home, 'again'));
    writeFileSync(join(home, 'hole'), '');
    truncateSync(join(home, 'hole'), 500 * MIB);
    symlinkSync(join(root, 'foreign'), join(home, 'elsewhere'));
    const grown = (await countSpace(home, never))! - empty;
    expect(grown).toBeGreaterThanOrEqual(2 * MIB);
    expect(grown).toBeLessThan(3 * MIB);
  },
);

test('a home that is a link to another disk is counted there; one that is not there has no figure', async () => {
  const { root } = makeHome();
  symlinkSync(join(root, 'foreign'), join(root, 'link'));
  expect(await countSpace(join(root, 'link'), never)).toBeGreaterThanOrEqual(8 * MIB);
  expect(await countSpace(join(root, 'nowhere'), never)).toBe(undefined);
  expect(await countSpace(join(root, 'ada'), AbortSignal.abort())).toBe(undefined);
});

/** Homes on a fake clock, whose count takes `tookMs`. */
function setup(names: string[], { tookMs = 0, everyMs = 3_600_000 } = {}) {
  const clock = makeFakeClock();
  const counted: string[] = [];
  const rests = new Map<string, number>();
  const bytes = new Map<string, number | undefined>(names.map((name) => [name, 1]));
  const homes = (): Countable[] =>
    [...bytes.keys()].map((name) => ({ name, folder: async () => `/${name}`, restsSince: rests.get(name) }));
  const count = async (folder: string) => {
    counted.push(`${folder.slice(1)} ${clock.monotonic() / 1_000}`);
    await new Promise<void>((resolve) => clock.timer(tookMs, resolve));
    return bytes.get(folder.slice(1));
  };
  return { clock, counted, rests, bytes, watch: watchUse({ homes, count, clock, everyMs }) };
}

test('homes are counted soon and then each hour, one after the other, with 20 times the pause', async () => {
  const { clock, counted, watch } = setup(['ada', 'bob'], { tookMs: 3_000 });
  await clock.advance(1_000_000);
  expect(counted).toEqual(['ada 2', 'bob 65']);
  expect(watch.get('ada')).toEqual({ value: 1, atMs: 5_000 });
  await clock.advance(3_600_000);
  expect(counted.slice(2).map((line) => line.split(' ')[0])).toEqual(['ada', 'bob']);
  watch.stop();
  expect(clock.pending()).toBe(0);
});

test('after the end nothing more is counted, also not by a count that was under way', async () => {
  const { clock, counted, watch } = setup(['ada', 'bob'], { tookMs: 3_000 });
  await clock.advance(3_000);
  watch.stop();
  await clock.advance(1_000_000);
  expect([counted, clock.pending()]).toEqual([['ada 2'], 0]);
});

test('one that nobody used since is not counted again; one that was used and ended is, once', async () => {
  const { clock, counted, rests, watch } = setup(['ada'], { everyMs: 60_000 });
  await clock.advance(10_000);
  rests.set('ada', clock.now());
  await clock.advance(600_000);
  expect(counted.length).toBe(2);
  rests.delete('ada');
  await clock.advance(60_000);
  expect(counted.length).toBe(3);
  watch.stop();
});

test('a count that fails leaves the figure before, with its age, and does not hold up the others', async () => {
  const { clock, counted, bytes, watch } = setup(['ada', 'bob'], { everyMs: 60_000 });
  await clock.advance(10_000);
  const before = watch.get('ada');
  bytes.set('ada', undefined);
  await clock.advance(70_000);
  expect(watch.get('ada')).toEqual(before);
  expect(counted.filter((line) => line.startsWith('bob')).length).toBe(2);
  bytes.delete('ada');
  await clock.advance(10_000);
  expect(watch.get('ada'), 'who is not declared any more is forgotten').toBe(undefined);
  watch.stop();
});
