import { destination, type Logger, pino } from 'pino';

/** What a part may do with the log: constant message, facts as fields. Never a token, a value or a file's content. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on stderr, because stdout belongs to data. Written at once, so that the last line of a crash is there. */
export const makeLog = (level: LogLevel): Log =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination({ dest: 2, sync: true }));

/** For tests and for verbs that report in their own words. */
export const silentLog: Log = pino({ level: 'silent' });
