/**
 * The longest that this thread worked without a turn of the event loop while `call` ran, in milliseconds of its own
 * CPU time: a machine that is busy with something else does not count, work in another thread neither.
 */
export async function longestLagMs<T>(call: () => Promise<T>): Promise<{ result: T; lagMs: number }> {
  const workedMs = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  let last = workedMs();
  let lagMs = 0;
  let running = true;
  const turn = () => {
    const now = workedMs();
    lagMs = Math.max(lagMs, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    const result = await call();
    lagMs = Math.max(lagMs, workedMs() - last);
    return { result, lagMs };
  } finally {
    running = false;
  }
}
