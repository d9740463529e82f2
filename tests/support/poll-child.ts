import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../src/lib/log.ts';
import { makeWatch } from '../../src/sources/watch.ts';
import { until } from './until.ts';

// A program for tests: watches a folder in a process that may have no inotify watches, and says whether it hears.
const [, , folder = ''] = process.argv;
let hints = 0;
const watch = makeWatch(() => {
  hints += 1;
}, silentLog);
await watch.keep(folder, { real: folder, root: '1' });
let writes = 0;
const heard = async (): Promise<boolean> => {
  writes += 1;
  writeFileSync(join(folder, 'ada.yaml'), `${writes}\n`);
  return hints > 0 || watch.isDeaf();
};
await until(heard, { deadlineMs: 10_000, everyMs: 100 });
console.log(watch.isDeaf() ? 'deaf' : 'hears');
await watch.close();
