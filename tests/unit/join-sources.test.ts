import { expect, test } from 'vitest';
import type { Scan, SpecFile, SpecSource } from '../../src/model/source.ts';
import { joinSources } from '../../src/sources/join.ts';

/** A source whose scans the test gives. */
function given() {
  let listener: (scan: Scan) => Promise<void> = async () => {};
  const done: string[] = [];
  const source: SpecSource = {
    onScan: (next) => {
      listener = next;
    },
    start: async () => void done.push('start'),
    poke: () => void done.push('poke'),
    close: async () => void done.push('close'),
  };
  return { source, done, scan: (scan: Scan) => listener(scan) };
}
const file = (path: string): SpecFile => ({ path, sha256: '', text: path });
const settled = (...paths: string[]): Scan => ({ kind: 'settled', files: paths.map(file) });

function joined() {
  const [a, b] = [given(), given()];
  const both = joinSources([a.source, b.source]);
  const told: string[] = [];
  both.onScan(async (scan) => {
    if (scan.kind !== 'settled') return void told.push(`${scan.kind} ${scan.message}`);
    const { files, from = '-', trouble } = scan;
    told.push(
      `${files.map(({ path }) => path).join()} ${from} ${trouble ? `${trouble.reason} ${trouble.message}` : 'ok'}`,
    );
  });
  return { a, b, both, told };
}

test('nothing is told until every source has been settled once, but what keeps one from it', async () => {
  const { a, b, told } = joined();
  await a.scan(settled('a'));
  expect(told).toEqual([]);
  await b.scan({ kind: 'unreadable', reason: 'FetchFailed', message: 'no way' });
  expect(told).toEqual(['unreadable no way']);
  await b.scan({ ...settled('b'), from: 'commit 1' } as Scan);
  expect(told.at(-1)).toBe('a,b commit 1 ok');
});

test('one that fails keeps what it had, and does not hold up the other', async () => {
  const { a, b, told } = joined();
  await a.scan(settled('a'));
  await b.scan(settled('b'));
  await b.scan({ kind: 'unsettled', message: 'busy' });
  await a.scan(settled('a', 'a2'));
  await b.scan({ ...settled('b'), trouble: { reason: 'BranchMissing', message: 'gone' } } as Scan);
  await b.scan(settled());
  expect(told).toEqual([
    'a,b - ok',
    'a,b - Unusable busy',
    'a,a2,b - Unusable busy',
    'a,a2,b - BranchMissing gone',
    'a,a2 - ok',
  ]);
});

test('each source says what it is, also while another has trouble', async () => {
  const [a, b] = [given(), given()];
  const both = joinSources([a.source, b.source]);
  const roots: unknown[] = [];
  both.onScan(async (scan) => void roots.push(scan.kind === 'settled' && scan.roots));
  await a.scan({ ...settled(), roots: { '/a': '1' } } as Scan);
  await b.scan({ ...settled(), roots: { '/b': '2' } } as Scan);
  await b.scan({ kind: 'unreadable', message: 'gone' });
  await a.scan({ ...settled(), roots: { '/a': '3' } } as Scan);
  expect(roots).toEqual([
    { '/a': '1', '/b': '2' },
    { '/a': '1', '/b': '2' },
    { '/a': '3', '/b': '2' },
  ]);
});

test('start, poke and close reach all', async () => {
  const { a, b, both } = joined();
  await both.start();
  both.poke();
  await both.close();
  expect([a.done, b.done]).toEqual([
    ['start', 'poke', 'close'],
    ['start', 'poke', 'close'],
  ]);
});
