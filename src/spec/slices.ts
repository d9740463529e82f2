import { setImmediate as turn } from 'node:timers/promises';

/** The event loop gets its turn after this long: short enough for a probe of 100 ms on a slow core. */
const SLICE_MS = 10;

/** For one long loop: `await pause()` between its items lets everything else run when the slice is used up. */
export function makeSlices(): () => Promise<void> {
  let start = performance.now();
  return async () => {
    if (performance.now() - start < SLICE_MS) return;
    await turn();
    start = performance.now();
  };
}
