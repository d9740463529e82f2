import { closeSync, openSync } from 'node:fs';
import { systemClock } from '../../src/lib/clock.ts';
import { makeLook } from '../../src/sources/look.ts';

// A program for tests: looks at a folder while the process has no file handle left, but for one, and then again.
const [, , folder = ''] = process.argv;
const look = makeLook(folder, systemClock);
const handles: number[] = [];
try {
  for (;;) handles.push(openSync('/dev/null', 'r'));
} catch {
  // That was the last.
}
const said: string[] = [];
const note = async () => {
  const seen = await look();
  said.push(seen.kind === 'seen' ? `${seen.versions.size} files` : seen.message);
};
await note(); // the folder cannot be opened
closeSync(handles.pop()!);
await note(); // the folder can, and of its files one at a time
for (const handle of handles) closeSync(handle);
await note();
console.log(JSON.stringify(said));
