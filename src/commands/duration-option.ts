import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../lib/duration.ts';
import { WorkdockError } from '../lib/errors.ts';

/** For commander: `90s`, `30m`, `1h30m` to milliseconds; anything else is a usage error. */
export function durationMs(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof WorkdockError) throw new InvalidArgumentError(error.hint);
    throw error;
  }
}
