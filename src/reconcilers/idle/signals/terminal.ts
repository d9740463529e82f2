import { type Context, evidence, type Signal, unreadable } from './signal.ts';

/** Linux moves a terminal's input time in steps of eight seconds: keys of the same step leave no trace of their own. */
export const STEP_MS = 8_000;

/** Terminals that were opened or typed into since the look before; null when that cannot be told. */
export function touched({ glance, before }: Pick<Context, 'glance' | 'before'>): string[] | null {
  const { terminals } = glance.readings;
  if (!terminals.ok) return null;
  const known = before?.terminals;
  if (!known) return terminals.value.length === 0 ? [] : null;
  return terminals.value.filter(({ name, inputAtMs }) => known[name] !== inputAtMs).map(({ name }) => name);
}

/**
 * Somebody types into a terminal, be it ours or another's. Seen by a changed input time and not by its age: wall clocks
 * jump. Output, and a terminal that is only open, do not count.
 */
export const terminal: Signal = (context) => {
  const { glance, before, watchedMs } = context;
  const { terminals } = glance.readings;
  if (!terminals.ok) return unreadable('terminal', context, terminals.message);
  const open = terminals.value.length === 0 ? 'none open' : `${terminals.value.length} open`;
  const names = touched(context);
  if (names === null) return evidence('terminal', context, { value: `${open}, first look`, keepsAwake: 'unknown' });
  if (names.length > 0) {
    return evidence('terminal', context, { value: `input at ${names.join(', ')}`, keepsAwake: 'yes' });
  }
  const at = before?.typedAtMs ?? null;
  const ageMs = at === null ? null : watchedMs - at;
  const recent = ageMs !== null && ageMs < STEP_MS && terminals.value.length > 0;
  const value = recent ? `${open}, input within the last ${STEP_MS / 1_000} s` : open;
  return { signal: 'terminal', value, threshold: '', ageMs, keepsAwake: recent ? 'yes' : 'no' };
};
