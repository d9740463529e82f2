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
