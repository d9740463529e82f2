import { systemClock } from '../../src/lib/clock.ts';
import { openIntents } from '../../src/store/intents.ts';
import { openStatus } from '../../src/store/status.ts';
import { aController, aStatus } from './a-status.ts';

// A program for tests: writes the durable and the cached store without end, until it is killed. Each intent that
// `update` has confirmed is said on stdout, so that the test knows what must be there afterwards.
const [, , dataDir = '', stateDir = ''] = process.argv;
const clock = systemClock;
const onCorrupt = (file: { path: string }): void => {
  process.stdout.write(`corrupt ${file.path}\n`);
};
const intents = await openIntents(dataDir, { clock, onCorrupt });
const status = await openStatus(stateDir, { controller: aController, clock, onCorrupt });
for (;;) {
  const { seq } = await intents.update('ada', (intent) => ({ ...intent, seq: intent.seq + 1 }));
  process.stdout.write(`${seq}\n`);
  for (let i = 0; i < 20; i += 1) status.publish(aStatus(`user-${i}`, { message: `${seq} ${'x'.repeat(2_000)}` }));
  await status.flush();
}
