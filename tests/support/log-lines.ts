import { pino } from 'pino';
import type { Log } from '../../src/lib/log.ts';

export type LogLine = { level: number; msg: string; name?: string; pass?: string; [fact: string]: unknown };

/** A log as the controller's, whose lines are kept as they would be written. */
export function makeLogLines(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino(
    { level: 'debug', base: null },
    { write: (text: string) => void lines.push(JSON.parse(text) as LogLine) },
  );
  return { log, lines };
}
