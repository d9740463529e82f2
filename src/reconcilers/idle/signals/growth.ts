import type { Reading, SignalName } from '../../../model/idle.ts';
import { type Context, evidence, firstLook, unreadable } from './signal.ts';

/** Quiet CPU and traffic of this many intervals are forgiven after a time without looks, however long it was. */
const FORGIVEN_INTERVALS = 2;

type Rule = {
  signal: SignalName;
  reading: Reading<number>;
  base: number | null | undefined;
  /** Growth per millisecond that keeps awake. */
  perMs: number;
  rateText: (perMs: number) => string;
  amountText: (amount: number) => string;
};

/**
 * A counter as a rate between two looks. After a time without looks (the controller was down or stopped) there is no
 * telling a short burst from a long trickle: more growth than two quiet intervals may have counts as activity.
 */
export function growth(context: Context, { signal, reading, base, perMs, rateText, amountText }: Rule) {
  if (!reading.ok) return unreadable(signal, context, reading.message);
  if (base === null || base === undefined) return firstLook(signal, context);
  const grown = reading.value - base;
  if (grown < 0) return unreadable(signal, context, 'its counter went back');
  const sinceMs = context.base?.atMs;
  const passedMs = sinceMs === null || sinceMs === undefined ? 0 : context.glance.readings.atMs - sinceMs;
  if (context.follows && passedMs > 0) {
    const rate = grown / passedMs;
    const keepsAwake = rate >= perMs ? 'yes' : 'no';
    return evidence(signal, context, { value: rateText(rate), threshold: `below ${rateText(perMs)}`, keepsAwake });
  }
  const budget = perMs * FORGIVEN_INTERVALS * context.intervalMs;
  const value = `${amountText(grown)} while nobody looked`;
  const keepsAwake = grown >= budget ? 'yes' : 'no';
  return evidence(signal, context, { value, threshold: `below ${amountText(budget)}`, keepsAwake });
}
