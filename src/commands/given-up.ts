import type { Following } from '../client/homes.ts';
import type { Io } from './io.ts';

/** Ctrl-C; returns what forgets the listener. */
export type OnInterrupt = (listener: () => void) => () => void;
const INTERRUPTED = 130;

/** Runs work that Ctrl-C gives up, and says then what is left. Undefined when it was given up. */
export async function orGivenUp<T>(
  { io, onInterrupt }: { io: Pick<Io, 'err' | 'exitWith'>; onInterrupt: OnInterrupt },
  left: string,
  work: (following: Following) => Promise<T>,
): Promise<T | undefined> {
  const stop = new AbortController();
  const forget = onInterrupt(() => stop.abort());
  try {
    return await work({ signal: stop.signal, onPhase: (phase) => io.err(`workdock: ${phase}`) });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    io.err(`workdock: given up; ${left}`);
    io.exitWith(INTERRUPTED);
    return undefined;
  } finally {
    forget();
  }
}
