import { fileURLToPath } from 'node:url';
import { JUMPS_MS } from './jumping-clock.ts';
import { keepDoing, openShell } from './person.ts';
import { type Situation, TIMEOUT_MS } from './situation.ts';

const clock = fileURLToPath(new URL('jumping-clock.ts', import.meta.url));
const DOWN = { fromMs: TIMEOUT_MS / 4, toMs: (5 * TIMEOUT_MS) / 4 };
const SLACK_MS = 1_500;

/** What happens to the controller and its clock; each has a controller for itself. */
export const hardTimes: Situation[] = [
  {
    ...{ name: 'controller restarted in between', right: 'stops', alone: {} },
    why: 'nobody is there, but the time in which nobody looked does not count',
    notBeforeMs: TIMEOUT_MS + DOWN.toMs - DOWN.fromMs - SLACK_MS,
    play: async (stage) => async () => {
      await stage.at(DOWN.fromMs);
      stage.recorder.down(true);
      await stage.controller.kill('SIGKILL');
      await stage.at(DOWN.toMs);
      await stage.lab.up();
      stage.recorder.down(false);
    },
  },
  {
    ...{ name: 'clock jumps an hour ahead, then two back', right: 'stays', why: 'somebody is there all the time' },
    alone: { NODE_OPTIONS: `--import=${clock}` },
    play: async (stage) => {
      const { type } = await openShell(stage);
      return async () => {
        keepDoing(stage, 3_000, () => type('ls\r'));
        for (const [index, ms] of JUMPS_MS.entries()) {
          await stage.at(((index + 1) * TIMEOUT_MS) / 2);
          process.kill(stage.controller.pid, 'SIGUSR2');
          stage.recorder.jump(ms);
        }
      };
    },
    because: /(?:stream|terminal) keeps it awake/,
  },
  {
    ...{
      name: 'clock jumps, nobody there',
      right: 'stops',
      why: 'after the whole timeout, by a clock that does not jump',
    },
    alone: { NODE_OPTIONS: `--import=${clock}` },
    notBeforeMs: TIMEOUT_MS - SLACK_MS,
    play: async (stage) => async () => {
      await stage.at(TIMEOUT_MS / 4);
      process.kill(stage.controller.pid, 'SIGUSR2');
      stage.recorder.jump(JUMPS_MS[0]);
    },
  },
];
