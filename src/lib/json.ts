import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const byCode = (a: string, b: string) => (a < b ? -1 : 1);

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const record = value as Record<string, unknown>;
  // No prototype, so that a key named __proto__ is a key. Plain loops: every pass over every workspace comes here.
  const copy: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(record).sort(byCode)) if (record[key] !== undefined) copy[key] = sorted(record[key]);
  return copy;
};

/** JSON with keys in one order and no `undefined`: equal values give equal text. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value));

/** SHA-256 of the canonical JSON, as hex. */
export const digest = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');

export const sameJson = (a: unknown, b: unknown): boolean => a === b || canonical(a) === canonical(b);
