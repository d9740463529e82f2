/** Runs calls with one key one after the other, in the order of asking; those of other keys are not waited for. */
export function makeLocks() {
  const tails = new Map<string, Promise<void>>();
  return async <T>(key: string, call: () => Promise<T>): Promise<T> => {
    const before = tails.get(key) ?? Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    tails.set(key, promise);
    await before;
    try {
      return await call();
    } finally {
      resolve();
      if (tails.get(key) === promise) tails.delete(key);
    }
  };
}
export type Locks = ReturnType<typeof makeLocks>;
