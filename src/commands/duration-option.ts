import { InvalidArgumentError } from 'commander';
import { durationText, parseDuration } from '../lib/duration.ts';
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

/** The same within bounds that the API has too; whoever asks for more is told them. */
export const durationWithin =
  (leastMs: number, mostMs: number) =>
  (text: string): number => {
    const ms = durationMs(text);
    if (ms >= leastMs && ms <= mostMs) return ms;
    throw new InvalidArgumentError(`say ${durationText(leastMs)} to ${durationText(mostMs)}`);
  };
