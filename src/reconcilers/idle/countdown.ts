import { durationText } from '../../lib/duration.ts';

/** A countdown under way: it ends, with everything still quiet, when the quiet has lasted this long. */
export type Countdown = { endsAtQuietMs: number; toldLeftMs: number };

/** Left times at which terminals are told again; further ones than the first would be no help. */
const MOMENTS_MS = [600_000, 300_000, 120_000, 60_000, 30_000, 10_000, 5_000];
const BELL = '\u0007';

const line = (text: string) => `\r\n${BELL}workdock: ${text}\r\n`;

export const warning = (name: string, leftMs: number): string => {
  const left = durationText(Math.max(1_000, Math.round(leftMs / 1_000) * 1_000));
  return line(`${name} is idle and goes to rest in ${left}; any key keeps it awake`);
};
export const cancelled = (name: string, because: string): string => line(`${name} stays awake: ${because}`);
export const farewell = (name: string): string => line(`${name} goes to rest now; entering it again starts it`);

type Now = { quietMs: number; timeoutMs: number; warnBeforeMs: number };

/** Begins when the stop is as near as the warning is long; a late look does not shorten it. */
export const begin = ({ quietMs, timeoutMs, warnBeforeMs }: Now): Countdown | undefined =>
  warnBeforeMs > 0 && quietMs >= timeoutMs - warnBeforeMs
    ? { endsAtQuietMs: Math.max(timeoutMs, quietMs + warnBeforeMs), toldLeftMs: Number.POSITIVE_INFINITY }
    : undefined;

/** The moment that has come since terminals were last told, if any: the smallest, so that none is told twice. */
export function dueMoment({ toldLeftMs }: Countdown, leftMs: number): boolean {
  if (toldLeftMs === Number.POSITIVE_INFINITY) return true;
  return MOMENTS_MS.some((moment) => leftMs <= moment && moment < toldLeftMs - 1_000);
}
