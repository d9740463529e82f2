import type { Declaration } from '../../model/desired.ts';
import type { Intent } from '../../model/intent.ts';
import type { Hold } from './world.ts';

/** A brake without an end, or with one still to come. */
export const isBraked = (suspend: Intent['suspend'], now: number): boolean =>
  suspend !== undefined && (suspend.until === undefined || Date.parse(suspend.until) > now);

/** The hold that a brake is, while it is one. `lift` is the verb that ends it. */
export function brakeHold(
  suspend: Intent['suspend'],
  { who, lift }: Record<'who' | 'lift', string>,
  now: number,
): Hold[] {
  if (suspend === undefined || !isBraked(suspend, now)) return [];
  const until = suspend.until ? ` until ${suspend.until}` : '';
  const message = `${who}${until}; ${lift} ends it`;
  return [{ reason: 'Suspended', message, ...(suspend.until && { endsInMs: Date.parse(suspend.until) - now }) }];
}

/** Why this workspace gets no step, from its files and intents. */
export function holdsOf(declaration: Declaration | undefined, intent: Intent | undefined, now: number): Hold[] {
  const holds: Hold[] = [];
  const desired = intent?.lastGood?.desired;
  if (!declaration) {
    const message = 'no file declares it; nothing is done until one does';
    holds.push({ reason: 'SourceAbsent', message });
  } else if (!desired) {
    const conflict = declaration.kind === 'conflict';
    holds.push({ reason: conflict ? 'Conflict' : 'NeverValid', message: 'its spec cannot be used' });
  }
  if (desired?.suspend) holds.push({ reason: 'Suspended', message: 'spec.suspend is true' });
  if (intent) {
    const words = { who: 'suspended by a person', lift: `workdock resume ${intent.name}` };
    holds.push(...brakeHold(intent.suspend, words, now));
  }
  return holds;
}
