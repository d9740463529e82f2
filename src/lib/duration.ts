import { WorkdockError } from './errors.ts';
import { didYouMean } from './suggest.ts';

const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

/** What `parseDuration` takes, for schemas: largest unit first, each at most once. */
export const durationPattern = '^(?=[0-9])([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,6}ms)?$';
const grammar = new RegExp(durationPattern);

/**
 * `90s`, `30m`, `1h30m`, `7d`, `300ms` to milliseconds.
 * @throws WorkdockError SPEC_INVALID with what was meant as its hint.
 */
export function parseDuration(text: string): number {
  if (grammar.test(text)) {
    const parts = [...text.matchAll(/([0-9]+)(ms|[dhms])/g)];
    return parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit as keyof typeof units], 0);
  }
  const meant = durationMeant(text);
  const hint = meant === undefined ? 'write 90s, 30m, 1h30m or 7d' : didYouMean(meant);
  throw new WorkdockError('SPEC_INVALID', `${JSON.stringify(text)} is not a duration`, { hint });
}

/** `30`, `5 min`, `2 hours`, `1.5h` to the duration that was most likely meant. */
export function durationMeant(text: string): string | undefined {
  const match = /^\s*([0-9]{1,6})(?:\.([0-9]))?\s*(ms|[dhms]?)[a-z]*\s*$/i.exec(text);
  if (!match) return undefined;
  const unit = (match[3]!.toLowerCase() || 's') as keyof typeof units;
  const ms = (Number(match[1]) + Number(match[2] ?? 0) / 10) * units[unit];
  return match[2] === undefined ? `${Number(match[1])}${unit}` : durationText(ms);
}

/** Milliseconds as `parseDuration` takes them back: `1h30m`. */
export function durationText(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  let text = '';
  for (const [unit, size] of Object.entries(units)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : text;
}
