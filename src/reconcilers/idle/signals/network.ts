import { growth } from './growth.ts';
import type { Signal } from './signal.ts';

/** Bytes per millisecond, that is 100 kB/s: a forgotten tab makes 1.4 kB/s, neighbours 0.4, a download megabytes. */
const BUSY = 100;

const kilobytes = (bytes: number) => (bytes < 9_950 ? Math.round(bytes / 100) / 10 : Math.round(bytes / 1_000));

/** Bytes in and out. */
export const network: Signal = (context) =>
  growth(context, {
    signal: 'network',
    reading: context.glance.readings.networkBytes,
    base: context.base?.networkBytes,
    perMs: BUSY,
    rateText: (perMs) => `${kilobytes(perMs * 1_000)} kB/s`,
    amountText: (bytes) => `${kilobytes(bytes)} kB`,
  });
