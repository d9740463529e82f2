import type { Declaration } from '../../model/desired.ts';
import type { Intent } from '../../model/intent.ts';
import type { Hold } from './world.ts';

/** Milliseconds until a timed suspension ends; undefined when there is none or it has ended. */
export function suspensionLeftMs(intent: Intent | undefined, now: number): number | undefined {
  const until = intent?.suspend?.until;
  const left = until === undefined ? 0 : Date.parse(until) - now;
  return left > 0 ? left : undefined;
}

/** A brake without an end, or with one still to come. */
export const isBraked = (suspend: Intent['suspend'], now: number): boolean =>
  suspend !== undefined && (suspend.until === undefined || Date.parse(suspend.until) > now);

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
  if (intent && isBraked(intent.suspend, now)) {
    const until = intent.suspend?.until ? ` until ${intent.suspend.until}` : '';
    holds.push({
      reason: 'Suspended',
      message: `suspended by a person${until}; workdock resume ${intent.name} ends it`,
    });
  }
  return holds;
}
