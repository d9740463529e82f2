import type { Clock } from '../../lib/clock.ts';
import type { ExecProcesses } from './exec-processes.ts';

/** What is in flight when the reader leaves was written to a reader; 1 MB of it is through in far less. */
const IN_FLIGHT_MS = 1_000;

/**
 * For output that comes after its readers have left. Docker would take it for ever: `yes` goes on at full speed. As in
 * a pipe, whoever writes gets SIGPIPE, once; a command that is silent, or writes to files of its own, goes on.
 */
export function makeUnheard(clock: Clock, processes: ExecProcesses): () => void {
  let since: number | undefined;
  let told = false;
  return () => {
    since ??= clock.monotonic();
    if (told || clock.monotonic() - since < IN_FLIGHT_MS) return;
    told = true;
    processes.breakPipe().catch(() => {}); // nobody is left to be told
  };
}
