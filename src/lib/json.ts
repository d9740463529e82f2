import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
};

/** JSON with keys in one order and no `undefined`: equal values give equal text. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value));

/** SHA-256 of the canonical JSON, as hex. */
export const digest = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');

export const sameJson = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
