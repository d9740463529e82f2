import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rootText } from '../../src/model/roots.ts';
import { heldRemovals, type Missing, type RemovalFacts, strangeRoots } from '../../src/reconcilers/guard/removals.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const ago = (ms: number) => new Date(NOW - ms).toISOString();
const guard = { windowMs: 600_000, removals: 0.2, disruptions: 0.2 };
const missing = (count: number, over: Partial<Missing> = {}): Missing[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ name: `w${n}${over.ripe ? 'r' : ''}`, since: ago(1_000), ripe: false, approved: false, kept: false },
    ...over,
  }));
const facts = (over: Partial<RemovalFacts>): RemovalFacts => ({
  ...{ missing: [], removed: [], declared: 0, strange: [] },
  ...over,
});
const held = (over: Partial<RemovalFacts>, share = guard.removals) =>
  heldRemovals(facts(over), { ...guard, removals: share });

test.each<[string, Partial<RemovalFacts>, boolean]>([
  ['nobody is missing', { declared: 5 }, false],
  ['two of five', { missing: missing(2), declared: 3 }, false],
  ['three of five', { missing: missing(3), declared: 2 }, true],
  ['20 of 100', { missing: missing(20), declared: 80 }, false],
  ['21 of 100', { missing: missing(21), declared: 79 }, true],
  ['both of two', { missing: missing(2), declared: 0 }, true],
  ['the only one', { missing: missing(1), declared: 0 }, false],
  ['the last of many over days', { missing: [...missing(1), ...missing(9, { ripe: true, since: ago(9e8) })] }, false],
  ['the last of three within the window', { missing: [...missing(1), ...missing(2, { ripe: true })] }, true],
  [
    'one, and two that were removed just now',
    { missing: missing(1), removed: [ago(1e3), ago(1e3)], declared: 9 },
    true,
  ],
  [
    'one, and two that were removed long ago',
    { missing: missing(1), removed: [ago(1e7), ago(1e7)], declared: 9 },
    false,
  ],
  [
    'three, two of them let through',
    { missing: [...missing(1), ...missing(2, { approved: true })], declared: 7 },
    false,
  ],
  [
    'three, two of them protected, and long so',
    { missing: [...missing(1), ...missing(2, { kept: true, since: ago(9e8) })], declared: 7 },
    false,
  ],
  [
    'three at once, two of them protected',
    { missing: [...missing(1), ...missing(2, { kept: true })], declared: 7 },
    true,
  ],
  ['only protected ones', { missing: missing(9, { kept: true }), declared: 0 }, false],
  [
    'one that was suspended for long, and two that went meanwhile, each by itself',
    { missing: missing(1, { since: ago(9e8) }), removed: [ago(6e8), ago(3e8)], declared: 7 },
    false,
  ],
  [
    'the last of three within the window, and nobody looked for a day',
    { missing: [...missing(1, { since: ago(9e7) }), ...missing(2, { ripe: true, since: ago(9e7 + 3e5) })] },
    true,
  ],
  [
    'three that nobody looked at for a day, one of them suspended since',
    { missing: [...missing(2, { since: ago(9e7) }), ...missing(1, { kept: true, since: ago(9e7) })], declared: 7 },
    true,
  ],
  ['one, in a folder that is another', { missing: missing(1), declared: 9, strange: ['specs is another'] }, true],
  ['nobody, in a folder that is another', { declared: 9, strange: ['specs is another'] }, false],
])('%s: held %s', (_, about, isHeld) => {
  expect(held(about) !== undefined).toBe(isHeld);
});

test.each<[string, Partial<RemovalFacts>, string]>([
  ['both of two, when others came since', { missing: missing(2, { of: 2 }), declared: 8 }, 'all 2 workspaces'],
  ['three of ten, when others came since', { missing: missing(3, { of: 10 }), declared: 27 }, '3 of 10 workspaces'],
  ['one more later', { missing: [...missing(3, { of: 10 }), ...missing(1, { of: 30 })], declared: 27 }, '4 of 10'],
])('who came later frees nobody: %s', (_, about, reason) => {
  expect(held(about)?.reason).toContain(reason);
});

test('that all would go is said before how many', () => {
  const from = 'commit 1cefabeb4316 of main';
  const list = held({ missing: missing(5, { from }) })!;
  expect(list.reason).toBe('all 5 workspaces would be removed within 10m');
  expect(list.items[0]!.detail).toBe(`no file declares it since 2026-01-01T11:59:59Z (${from})`);
});

test('100 % switches it off, but not for a folder that is another', () => {
  expect(held({ missing: missing(50) }, 1)).toBeUndefined();
  expect(held({ missing: missing(50), strange: ['specs is another'] }, 1)).toBeDefined();
});

test('the list is of those that would be stopped, by name, and says why with its numbers', () => {
  const list = held({ missing: [...missing(3).reverse(), ...missing(1, { ripe: true })], declared: 6 })!;
  expect(list.items.map(({ name, what }) => `${what} ${name}`)).toEqual(['remove w0', 'remove w1', 'remove w2']);
  expect(list.items[0]!.detail).toBe('no file declares it since 2026-01-01T11:59:59Z');
  expect(list.reason).toBe(
    '4 of 10 workspaces would be removed within 10m (1 of them went already or is kept); more than 2 are held',
  );
  expect(list.since).toBe(ago(1_000));
});

const anyMissing = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z]{1,3}$/),
    since: fc.integer({ min: 0, max: 1_200_000 }).map(ago),
    ripe: fc.boolean(),
    approved: fc.boolean(),
    kept: fc.boolean(),
  }),
  { selector: ({ name }) => name, maxLength: 12 },
);
const anyFacts = fc.record({
  missing: anyMissing,
  removed: fc.array(fc.integer({ min: 0, max: 1_200_000 }).map(ago), { maxLength: 4 }),
  declared: fc.nat(20),
  strange: fc.constantFrom<string[]>([], ['specs is another']),
});

test('order says nothing, every item makes another hash, and more that are missing never free anybody', () => {
  const property = fc.property(anyFacts, fc.stringMatching(/^[a-z]{4}$/), (about, name) => {
    const list = heldRemovals(about, guard);
    expect(heldRemovals({ ...about, missing: [...about.missing].reverse() }, guard)).toEqual(list);
    const one = { name, since: ago(1), ripe: false, approved: false, kept: false };
    const more = heldRemovals({ ...about, missing: [...about.missing, one], declared: about.declared }, guard);
    if (!list) return;
    expect(list.hash).toMatch(/^[0-9a-f]{12}$/);
    expect(list.items.length).toBeGreaterThan(0);
    const names = about.missing.filter(({ ripe, approved, kept }) => !ripe && !approved && !kept).map((m) => m.name);
    expect(list.items.map((item) => item.name)).toEqual(names.sort());
    if (about.strange.length > 0) expect(more).toBeDefined();
    if (more) expect(more.hash).not.toBe(list.hash);
    const [first] = names;
    const again = about.missing.map((m) => (m.name === first ? { ...m, since: ago(2) } : m));
    const other = heldRemovals({ ...about, missing: again }, guard);
    if (about.missing.find((m) => m.name === first)!.since !== ago(2)) expect(other?.hash).not.toBe(list.hash);
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('approving the whole list leaves nothing held of it', () => {
  const property = fc.property(anyFacts, (about) => {
    const list = heldRemovals(about, guard);
    const names = new Set(list?.items.map(({ name }) => name));
    const after = about.missing.map((m) => (names.has(m.name) ? { ...m, approved: true } : m));
    expect(heldRemovals({ ...about, missing: after, strange: [] }, guard)).toBeUndefined();
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('a source that is another, or not read any more, is named; a new one is none of them', () => {
  expect(strangeRoots({}, { specs: 'a' })).toEqual([]);
  expect(strangeRoots({ specs: 'a' }, { specs: 'a', more: 'b' })).toEqual([]);
  const folder = (id: string) => rootText({ device: '1', id, real: '/specs', links: [] });
  expect(strangeRoots({ '/specs': folder('1:2'), more: 'b' }, { '/specs': folder('1:3') })).toEqual([
    '/specs is not the folder it was: moved, made anew, or another mount',
    'more is not read any more',
  ]);
  const branch = { 'source.git': 'git@git.example.org:lab.git main' };
  expect(strangeRoots(branch, { 'source.git': 'git@git.example.org:lab.git next' })).toEqual([
    'source.git is git@git.example.org:lab.git next, and was git@git.example.org:lab.git main',
  ]);
});
