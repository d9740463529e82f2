import { parseDuration } from '../../lib/duration.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { parseCpu, parseMemory } from '../../lib/quantity.ts';
import type { Leaves } from '../layers.ts';
import { type Complaint, type Rule, valueAt } from './rule.ts';

const MIB = 2 ** 20;
/** Below it not even a shell with Python starts; design 5 takes it for a mistake in the unit. */
const LEAST_MEMORY_BYTES = 64 * MIB;
const MOST_GRACE_MS = 3_600_000;

/** The complaint of a converter, or of the limits that its result must keep. */
function complain<T>(leaves: Leaves, path: string, check: (value: T) => string | undefined): Complaint[] {
  const value = valueAt<T>(leaves, path);
  if (value === undefined) return [];
  try {
    const message = check(value);
    return message === undefined ? [] : [{ path, message }];
  } catch (error) {
    if (!(error instanceof WorkdockError)) throw error;
    return [{ path, message: error.message, suggestion: error.hint }];
  }
}

export const sizes: Rule = (leaves) => [
  ...complain<string>(leaves, 'spec.resources.memory', (text) =>
    parseMemory(text) < LEAST_MEMORY_BYTES ? `memory ${text} is below 64Mi` : undefined,
  ),
  ...complain<string>(leaves, 'spec.resources.shm', (text) =>
    parseMemory(text) < MIB ? `shm ${text} is below 1Mi` : undefined,
  ),
  ...complain<number | string>(leaves, 'spec.resources.cpu', (cpu) => void parseCpu(cpu)),
  ...complain<string>(leaves, 'spec.stopGracePeriod', (text) => {
    const ms = parseDuration(text);
    if (ms > MOST_GRACE_MS) return 'stopGracePeriod is above 1h';
    return ms % 1_000 === 0 ? undefined : 'stopGracePeriod must be whole seconds';
  }),
];
