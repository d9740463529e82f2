import { expect, test } from 'vitest';
import { longestLagMs } from '../support/loop-lag.ts';

test('the probe sees work that blocks the event loop, and not the same work with turns in between', async () => {
  const work = (ms: number) => {
    const start = process.threadCpuUsage();
    for (;;) {
      const { user, system } = process.threadCpuUsage(start);
      if (user + system >= ms * 1_000) return;
    }
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const blocked = await longestLagMs(async () => work(150));
  const shared = await longestLagMs(async () => {
    for (let count = 0; count < 15; count += 1) {
      work(10);
      await turn();
    }
  });
  expect(blocked.lagMs).toBeGreaterThan(100);
  expect(shared.lagMs).toBeLessThan(100);
});
