const steps = [
  { letter: 'd', seconds: 86_400 },
  { letter: 'h', seconds: 3_600 },
  { letter: 'm', seconds: 60 },
  { letter: 's', seconds: 1 },
] as const;

/** Seconds in at most two units, `3d4h`, `12m`, `9s`: the second one only while the first is a single digit. */
export function shortSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const at = steps.findIndex((step) => whole >= step.seconds);
  if (at < 0) return '0s';
  const { letter, seconds: size } = steps[at]!;
  const count = Math.floor(whole / size);
  const next = steps[at + 1];
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next.seconds);
  return count < 10 && next !== undefined && rest > 0 ? `${count}${letter}${rest}${next.letter}` : `${count}${letter}`;
}

/** How long ago an RFC 3339 time was; `-` when it is none. */
export function age(since: string, nowMs: number): string {
  const at = Date.parse(since);
  return Number.isNaN(at) ? '-' : shortSpan((nowMs - at) / 1000);
}
