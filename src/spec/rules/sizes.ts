import { parseDuration } from '../../lib/duration.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { parseCpu, parseMemory } from '../../lib/quantity.ts';
import { didYouMean } from '../../lib/suggest.ts';
import type { Leaves } from '../layers.ts';
import { type Complaint, type Rule, valueAt } from './rule.ts';

const MIB = 2 ** 20;
/** Below it not even a shell with Python starts; design 5 takes it for a mistake in the unit. */
const LEAST_MEMORY_BYTES = 64 * MIB;
const MOST_GRACE_MS = 3_600_000;

type Said = { message: string; suggestion?: string } | undefined;

/** The complaint of a converter, or of the limits that its result must keep. */
function complain<T>(leaves: Leaves, path: string, check: (value: T) => Said): Complaint[] {
  const value = valueAt<T>(leaves, path);
  if (value === undefined) return [];
  try {
    const said = check(value);
    return said === undefined ? [] : [{ path, ...said }];
  } catch (error) {
    if (!(error instanceof WorkdockError)) throw error;
    return [{ path, message: error.message, suggestion: error.hint }];
  }
}

/** A size this small had its unit mistaken: the next one that makes it large enough is meant. */
function meantMemory(text: string): string {
  const number = Number.parseFloat(text);
  return text.endsWith('Ki') && number >= 64 ? `${number}Mi` : `${number}Gi`;
}

function memory(text: string): Said {
  const bytes = parseMemory(text);
  if (bytes >= LEAST_MEMORY_BYTES) return undefined;
  return { message: `memory ${text} is below 64Mi`, suggestion: didYouMean(bytes === 0 ? '8Gi' : meantMemory(text)) };
}

function grace(text: string): Said {
  const ms = parseDuration(text);
  if (ms > MOST_GRACE_MS) return { message: 'stopGracePeriod is above 1h' };
  return ms % 1_000 === 0 ? undefined : { message: 'stopGracePeriod must be whole seconds' };
}

export const sizes: Rule = (leaves) => [
  ...complain<string>(leaves, 'spec.resources.memory', memory),
  ...complain<string>(leaves, 'spec.resources.shm', (text) =>
    parseMemory(text) < MIB ? { message: `shm ${text} is below 1Mi` } : undefined,
  ),
  ...complain<number | string>(leaves, 'spec.resources.cpu', (cpu) => void parseCpu(cpu)),
  ...complain<string>(leaves, 'spec.stopGracePeriod', grace),
];
