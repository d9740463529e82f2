import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { temporaryFolder, watchFolders } from '../support/scans.ts';

test('one slow look does not make a polled folder deaf', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'ada.yaml');
  writeFileSync(file, 'old\n');
  // Time that leaps at each look at the clock: every look seems to take seconds.
  let leapMs = 0;
  const monotonic = (): number => {
    leapMs += 1_000;
    return performance.now() + leapMs;
  };
  const clock = { ...systemClock, monotonic };
  const { has } = await watchFolders([folder], { polling: true, clock });
  await has('ada.yaml', 'old\n');
  writeFileSync(file, 'new\n');
  await has('ada.yaml', 'new\n');
}, 30_000);
