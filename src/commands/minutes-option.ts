import { InvalidArgumentError } from 'commander';

/** A year. */
const MOST = 527_040;

/** For commander: minutes above 0, also `1.5`. */
export function minutes(text: string): number {
  const value = /^[0-9]{1,6}(\.[0-9]{1,4})?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= MOST) return value;
  throw new InvalidArgumentError('write minutes as a number above 0, such as 30 or 0.5');
}
