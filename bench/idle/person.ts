import { start } from '../../tests/support/enter.ts';
import { until } from '../../tests/support/until.ts';
import type { Stage } from './situation.ts';

/** Somebody's `workdock shell`, with a terminal there. */
export async function openShell({ lab, name, recorder, afterwards }: Stage) {
  const { child, stdout } = start(lab, 'shell', name, '-t');
  afterwards(() => child.kill('SIGKILL'));
  await until(() => stdout().length > 0, { deadlineMs: 30_000, everyMs: 100 });
  recorder.session(1);
  return { type: (text: string) => void child.stdin?.write(text) };
}

/** Calls `act` every so often until the situation is over. */
export function keepDoing({ afterwards }: Stage, everyMs: number, act: () => unknown): void {
  const timer = setInterval(() => void act(), everyMs);
  afterwards(() => clearInterval(timer));
}
