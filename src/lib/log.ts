import { destination, type Logger, pino } from 'pino';
import { logLine } from './log-line.ts';

/**
 * What a part may do with the log: constant message, facts as fields. Never a token, a value or a file's content. A
 * `child` puts its facts into every line of its own.
 */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * JSON lines on stderr, because stdout belongs to data; lines for people where that is a terminal. Written at once, so
 * that the last line of a crash is there.
 */
export function makeLog(level: LogLevel): Log {
  const out = destination({ dest: 2, sync: true });
  // A terminal that was closed, or a pipe nobody reads: what runs must not end because nobody listens.
  out.on('error', () => undefined);
  const forPeople = { write: (json: string) => void out.write(`${logLine(json)}\n`) };
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, process.stderr.isTTY ? forPeople : out);
}

/** For tests and for verbs that report in their own words. */
export const silentLog: Log = pino({ level: 'silent' });
