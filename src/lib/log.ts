import { destination, type Logger, pino } from 'pino';

/** What a part may do with the log: constant message, facts as fields. Never a token, a value or a file's content. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on stderr, because stdout belongs to data. Written at once, so that the last line of a crash is there. */
export function makeLog(level: LogLevel): Log {
  const out = destination({ dest: 2, sync: true });
  // A terminal that was closed, or a pipe nobody reads: what runs must not end because nobody listens.
  out.on('error', () => undefined);
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, out);
}

/** For tests and for verbs that report in their own words. */
export const silentLog: Log = pino({ level: 'silent' });
