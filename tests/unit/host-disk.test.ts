import { expect, test } from 'vitest';
import { makeDiskWatch, reserveBytes } from '../../src/reconcilers/host/disk.ts';

const GIB = 2 ** 30;

test('the reserve is 1 GiB, or 5 % of a small disk', () => {
  expect([reserveBytes(500 * GIB), reserveBytes(10 * GIB)]).toEqual([GIB, 0.5 * GIB]);
});

test('pressure begins below the reserve and ends a fifth above it', async () => {
  let freeBytes = 2 * GIB;
  const look = makeDiskWatch(async () => ({ freeBytes, sizeBytes: 100 * GIB }));
  const pressures: (boolean | null)[] = [];
  for (freeBytes of [2, 1.05, 0.99, 1.05, 1.19, 1.21, 1.05].map((gib) => gib * GIB))
    pressures.push((await look(['/data'])).pressure);
  expect(pressures).toEqual([false, false, true, true, true, false, false]);
});

test('one full disk is pressure; one that cannot be read is unknown, not fine', async () => {
  const free: Record<string, number> = { '/full': 0, '/fine': 9 * GIB };
  const look = makeDiskWatch(async (path) => {
    const freeBytes = free[path];
    if (freeBytes === undefined) throw new Error('EIO');
    return { freeBytes, sizeBytes: 100 * GIB };
  });
  expect((await look(['/fine', '/full', '/gone'])).pressure).toBe(true);
  const unread = await look(['/fine', '/gone']);
  expect(unread).toEqual({ pressure: null, message: 'cannot read the free space of /gone' });
});

test('the real disk answers', async () => {
  expect((await makeDiskWatch()(['.'])).pressure).not.toBeNull();
});
