import { mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { otherRoots, sameRoot } from '../../src/model/roots.ts';
import { walk } from '../../src/sources/walk.ts';
import { temporaryFolder } from '../support/scans.ts';

const rootOf = async (folder: string): Promise<string> => {
  const seen = await walk(folder);
  if (seen.kind !== 'listed') throw new Error(seen.message);
  return seen.root;
};
const point = (link: string, to: string): void => {
  symlinkSync(to, `${link}.new`);
  renameSync(`${link}.new`, link);
};

test('a folder is what it was, whatever is in it, until another one is in its place', async () => {
  const above = temporaryFolder();
  const folder = join(above, 'specs');
  mkdirSync(folder);
  mkdirSync(join(folder, 'team'));
  const before = await rootOf(folder);
  const { dev, ino } = statSync(folder);
  expect(JSON.parse(before)).toMatchObject({ id: expect.stringContaining(`${dev}:${ino}`), real: folder });
  mkdirSync(join(folder, 'another'));
  expect(await rootOf(`${folder}/`)).toBe(before);
  renameSync(folder, join(above, 'away'));
  mkdirSync(folder);
  expect(sameRoot(before, await rootOf(folder))).toBe(false);
  rmSync(folder, { recursive: true });
  renameSync(join(above, 'away'), folder);
  expect(sameRoot(before, await rootOf(folder))).toBe(true);
  rmSync(folder, { recursive: true }); // its inode is free, and is given to the next
  mkdirSync(folder);
  expect(sameRoot(before, await rootOf(folder))).toBe(false);
});

test('a link that is pointed at a sibling is a new revision, anything else below one is another folder', async () => {
  const above = temporaryFolder();
  for (const revision of ['r1', 'r2', 'elsewhere/r3']) mkdirSync(join(above, revision, 'specs'), { recursive: true });
  const link = join(above, 'current');
  const folder = join(link, 'specs');
  point(link, 'r1');
  const before = await rootOf(folder);
  point(link, 'r2');
  expect(await rootOf(folder)).not.toBe(before);
  expect(sameRoot(before, await rootOf(folder))).toBe(true);
  point(link, 'elsewhere/r3');
  expect(sameRoot(before, await rootOf(folder))).toBe(false);
  point(link, 'r1');
  expect(sameRoot(before, await rootOf(folder))).toBe(true);
  renameSync(join(above, 'r1'), join(above, 'r1-away'));
  mkdirSync(folder.replace('current', 'r1'), { recursive: true });
  expect(sameRoot(before, await rootOf(folder))).toBe(false);
});

test('links that lead to another disk, or lie in another folder, are other roots', () => {
  const link = { place: '1:2/current', parent: '.worktrees', name: 'a' };
  const root = { device: '1', id: '1:9', real: '/git/.worktrees/a', links: [link] };
  const flipped = { ...root, id: '1:10', real: '/git/.worktrees/b', links: [{ ...link, name: 'b' }] };
  const same = (now: object) => sameRoot(JSON.stringify(root), JSON.stringify(now));
  expect(same(flipped)).toBe(true);
  expect(same({ ...flipped, device: '3' })).toBe(false);
  expect(same({ ...flipped, links: [{ ...link, name: 'b', place: '1:3/current' }] })).toBe(false);
  expect(same({ ...flipped, links: [] })).toBe(false);
});

test('of several sources those that are others or gone are named; one more is none of them', () => {
  const before = { '/a': '{"links":[],"id":"1"}', '/b': 'x', 'source.git': 'url main' };
  expect(otherRoots(before, { ...before, '/c': 'new' })).toEqual([]);
  expect(otherRoots(before, { '/a': '{"links":[],"id":"2"}', 'source.git': 'url other' })).toEqual([
    '/a',
    '/b',
    'source.git',
  ]);
});
