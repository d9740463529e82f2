import type { Declaration } from '../../model/desired.ts';
import type { Intent, Tombstone } from '../../model/intent.ts';
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

/** What was decided about its removal, which holds only while no file declares it. */
export const tombstoneOf = (declaration: Declaration | undefined, intent: Intent | undefined): Tombstone | undefined =>
  declaration ? undefined : intent?.tombstone;

/** Why this workspace gets no step, from its files and intents. */
export function holdsOf(declaration: Declaration | undefined, intent: Intent | undefined, now: number): Hold[] {
  const holds: Hold[] = [];
  const desired = intent?.lastGood?.desired;
  if (!desired && !declaration) {
    const message = 'no file declares it, and no spec of it is known; nothing is done until a file does';
    holds.push({ reason: 'SourceAbsent', message });
  } else if (!desired) {
    const conflict = declaration?.kind === 'conflict';
    holds.push({ reason: conflict ? 'Conflict' : 'NeverValid', message: 'its spec cannot be used' });
  }
  if (desired?.suspend) holds.push({ reason: 'Suspended', message: 'spec.suspend is true' });
  if (intent) {
    const words = { who: 'suspended by a person', lift: `workdock resume ${intent.name}` };
    holds.push(...brakeHold(intent.suspend, words, now));
  }
  return holds;
}
