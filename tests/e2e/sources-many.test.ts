import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { makeRepository } from '../support/repository.ts';
import { type Says, saying, type WatchedSpecs, watchSpecs } from '../support/watch-specs.ts';

const run = promisify(execFile);
const SPECS = 300;

/** Two branches: on `b` every spec says another number, half of them are elsewhere, ten are gone and ten are new. */
function twoBranches() {
  const repo = makeRepository();
  const says: Record<'a' | 'b', Says> = { a: {}, b: {} };
  for (const branch of ['a', 'b'] as const) {
    repo.git('checkout', '-q', '--orphan', branch);
    if (branch === 'b') repo.git('rm', '-rqf', '.');
    const first = branch === 'a' ? 0 : 10;
    for (let i = first; i < first + SPECS; i += 1) {
      const folder = branch === 'b' && i % 2 === 1 ? 'team/deep/' : '';
      says[branch][`u${i}`] = branch === 'a' ? 100 : 200;
      repo.write(
        `specs/${folder}u${i}.yaml`,
        `${saying(`u${i}`, says[branch][`u${i}`] as number)}${'# more\n'.repeat(60)}`,
      );
    }
    repo.commit(branch);
  }
  return { repo, says };
}

test('300 specs of a work tree that is checked out back and forth: always one commit or the other', async () => {
  const { repo, says } = twoBranches();
  const folder = join(repo.root, 'specs');
  const opened: WatchedSpecs[] = [];
  onTestFinished(async () => void (await Promise.all(opened.map(({ close }) => close()))), 20_000);
  for (const polling of [false, true]) opened.push(await watchSpecs([folder], { polling }));
  const both = (branch: 'a' | 'b') => Promise.all(opened.map((watched) => watched.says(says[branch])));
  await both('b');
  for (const [i, branch] of (['a', 'b', 'a', 'b', 'b', 'a', 'b', 'a', 'b'] as const).entries()) {
    await run('git', ['-C', repo.root, 'checkout', '-q', branch]);
    // Sometimes the tree gets time to rest, sometimes the next checkout comes at once.
    if (i % 3 === 0) await both(branch);
  }
  await both('b');
  const known = new Set([says.a, says.b].map(text));
  for (const { generations, troubles } of opened) {
    expect(generations.filter((each) => !known.has(text(each)))).toEqual([]);
    expect(generations.length).toBeGreaterThan(2);
    expect(troubles.filter((told) => !told.startsWith('unsettled GitBusy'))).toEqual([]);
  }
}, 120_000);

const text = (says: Says): string => JSON.stringify(Object.entries(says).sort(([a], [b]) => (a < b ? -1 : 1)));
