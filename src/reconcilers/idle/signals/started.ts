import { shortSpan } from '../../../lib/age.ts';
import { durationText } from '../../../lib/duration.ts';
import type { Signal } from './signal.ts';

/**
 * A start is activity: who was just woken is not put to rest at once. Counted by the looks since then, because the
 * engine's start time is a wall clock's.
 */
export const started: Signal = ({ policy, watchedMs }) => ({
  signal: 'started',
  value: `seen running for ${shortSpan(watchedMs / 1_000)}`,
  threshold: `at least ${durationText(policy.timeoutMs)}`,
  ageMs: watchedMs,
  keepsAwake: watchedMs < policy.timeoutMs ? 'yes' : 'no',
});
