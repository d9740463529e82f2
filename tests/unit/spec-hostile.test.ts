import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCatalog } from '../../src/spec/catalog.ts';
import { makeParser } from '../../src/spec/parse-pool.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import { longestLagMs } from '../support/loop-lag.ts';
import { site, specFile, workspaceText } from '../support/spec-texts.ts';

const parser = makeParser({ warm: true });
// The 2 s are those of a text, not of a machine that is busy while the thread loads.
beforeAll(async () => {
  const { problems } = await parser.parse('long.yaml', `${workspaceText('ada')}#${'x'.repeat(3_000)}\n`);
  expect(problems).toEqual([]);
});
afterAll(parser.close);
const read = makeCatalog({ parse: parser.parse, config: site(), knownSources: () => new Map() });

test.each(Object.keys(hostileTexts))(
  '%s: an error within 2 s that touches nobody else and blocks nothing',
  async (name) => {
    const start = performance.now();
    const { result, lagMs } = await longestLagMs(() =>
      read([specFile('ada.yaml', workspaceText('ada')), specFile('bad.yaml', hostileTexts[name]!)]),
    );
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(lagMs).toBeLessThan(100);
    expect([...result.declarations].map(([key, { kind }]) => `${key} ${kind}`)).toEqual(['ada valid']);
    const nothing = ['many empty documents', 'many ends', 'many comments', 'blank space', 'tabs'];
    expect(result.problems.length === 0, JSON.stringify(result.problems[0])).toBe(nothing.includes(name));
    expect(result.problems.every(({ file }) => file === 'bad.yaml')).toBe(true);
    expect(JSON.stringify(result.problems).length).toBeLessThan(400_000);
    expect(({} as Record<string, unknown>)['polluted']).toBe(undefined);
  },
);

test('a short hostile text is read without a thread, and still blocks nothing', async () => {
  const fresh = makeParser();
  for (const text of Object.values(hostileTexts)) {
    const { lagMs } = await longestLagMs(() => fresh.parse('short.yaml', text.slice(0, 2_048)));
    expect(lagMs).toBeLessThan(100);
  }
  await fresh.close();
});

test('a text that takes too long is given up, and the next is read', async () => {
  const hasty = makeParser({ deadlineMs: 1 });
  const slow = `${workspaceText('ada')}#${'x'.repeat(5_000)}\n---\n${hostileTexts['dense keys']!.slice(0, 50_000)}`;
  const { documents, problems } = await hasty.parse('slow.yaml', slow);
  expect(documents).toEqual([]);
  expect(problems[0]?.message).toMatch(/takes longer than 1 ms/);
  expect((await hasty.parse('ada.yaml', workspaceText('ada'))).problems).toEqual([]);
  await hasty.close();
});

test('the same text is not read again, another one is', async () => {
  const first = await parser.parse('a.yaml', workspaceText('ada'));
  expect(await parser.parse('a.yaml', workspaceText('ada'))).toBe(first);
  expect((await parser.parse('a.yaml', workspaceText('bob'))).documents).toMatchObject([{ name: 'bob' }]);
});

test('a thousand files do not block the event loop, and cost next to nothing the second time', async () => {
  const files = Array.from({ length: 1_000 }, (_, index) => specFile(`u${index}.yaml`, workspaceText(`u${index}`)));
  const first = await longestLagMs(() => read(files));
  expect(first.result.problems).toEqual([]);
  expect(first.result.declarations.size).toBe(1_000);
  expect(first.lagMs).toBeLessThan(100);
  const start = performance.now();
  await read(files);
  expect(performance.now() - start).toBeLessThan(100);
});
