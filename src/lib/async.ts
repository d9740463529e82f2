import type { WorkdockError } from './errors.ts';

/**
 * Runs `call` with a signal that fires after `ms`.
 * @throws whatever `makeError` gives once the time is up, even when `call` ignores its signal.
 */
export async function withDeadline<T>(
  ms: number,
  call: (signal: AbortSignal) => Promise<T>,
  makeError: () => WorkdockError,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // First our error: a call that heeds its signal would win the race with an AbortError.
      reject(makeError());
      abort.abort();
    }, ms);
  });
  try {
    return await Promise.race([call(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What `call` comes to, or 'left' once the signal fires; the call is made in any case, and goes on. */
export async function orLeave<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T | 'left'> {
  const { promise: left, resolve } = Promise.withResolvers<'left'>();
  const leave = () => resolve('left');
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([call(), left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** Lets at most `width` calls run at once; the rest wait in order. */
export function makeSemaphore(width: number) {
  let free = width;
  const waiting: (() => void)[] = [];
  return async <T>(call: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await call();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

/**
 * Many calls, few runs: who asks while a run is on shares the next one, which begins after they asked. For work whose
 * result serves everybody alike, such as a sync of a folder.
 */
export function shareNext<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const mine = run();
    running = mine;
    return mine;
  };
  return () => {
    next ??= running.then(begin, begin);
    return next;
  };
}
