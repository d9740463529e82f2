/** What a pass has of the loop's bounded places. */
export type Place = {
  /** Runs `work` while others have the place, and comes back before any new pass begins. One at a time. */
  away: <T>(work: () => Promise<T>) => Promise<T>;
  /** The pass ended, or must not wait any more: from here on it takes no place, and waits for none. */
  leave: () => void;
};

/** `onFree`: a place is free, and nobody waits to come back to it. Who is away is not counted, and takes nothing. */
export function makePlaces(count: number, onFree: () => void) {
  const returning = new Set<() => void>();
  let taken = 0;
  let away = 0;

  const release = (): void => {
    const [first] = returning;
    taken -= 1;
    if (first) first();
    else onFree();
  };

  const take = (): Place => {
    let where: 'in' | 'away' | 'left' = 'in';
    let stopWaiting = (): void => undefined;
    taken += 1;

    const enter = (): void => {
      where = 'in';
      away -= 1;
      taken += 1;
    };
    const comeBack = (): void | Promise<void> => {
      if (where === 'left') return undefined;
      if (taken < count) return enter();
      return new Promise((resolve) => {
        const turn = (): void => {
          returning.delete(turn);
          enter();
          resolve();
        };
        returning.add(turn);
        stopWaiting = () => {
          returning.delete(turn);
          resolve();
        };
      });
    };

    return {
      away: async (work) => {
        if (where !== 'in') return work();
        where = 'away';
        away += 1;
        release();
        try {
          return await work();
        } finally {
          await comeBack();
        }
      },
      leave: () => {
        const before = where;
        where = 'left';
        if (before === 'in') release();
        if (before !== 'away') return;
        away -= 1;
        stopWaiting();
      },
    };
  };

  return { take, isFree: (): boolean => taken < count, taken: (): number => taken, away: (): number => away };
}
