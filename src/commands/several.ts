import { makeSemaphore } from '../lib/async.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { Io } from './io.ts';

const WIDTH = 8;

export const printError = ({ err }: Pick<Io, 'err'>, { message, hint }: WorkdockError): void => {
  err(`workdock: ${message}`);
  if (hint !== '') err(`  hint: ${hint}`);
};

/**
 * Tries every name, whatever happens to the others. One name fails with its own error; of several each failure is
 * printed and the end is PARTIAL_FAILURE, unless nobody answered at all.
 */
export async function tryEach(names: string[], io: Io, act: (name: string) => Promise<void>): Promise<void> {
  const limited = makeSemaphore(WIDTH);
  const failures: WorkdockError[] = [];
  await Promise.all(
    names.map((name) =>
      limited(() => act(name)).catch((cause: unknown) => {
        if (!(cause instanceof WorkdockError)) throw cause;
        failures.push(cause);
      }),
    ),
  );
  report(failures, names.length, io);
}

/** @throws as said at `tryEach`, when there are failures. */
export function report(failures: WorkdockError[], total: number, io: Pick<Io, 'err'>): void {
  const [first] = failures;
  if (first === undefined) return;
  const nobody = failures.length === total && failures.every(({ code }) => code === 'CONTROLLER_UNREACHABLE');
  if (total === 1 || nobody) throw first;
  for (const failure of failures) printError(io, failure);
  throw new WorkdockError('PARTIAL_FAILURE', `${failures.length} of ${total} failed`, { hint: '' });
}
