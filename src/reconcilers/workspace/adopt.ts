import type { Fitted } from '../../model/fitted.ts';
import type { Intent } from '../../model/intent.ts';
import { type Foreign, handMadeHash, type Observed } from '../../model/observed.ts';
import type { Target } from '../../model/target.ts';
import { objectionsTo } from './adopt-objections.ts';
import { wokenByAccess } from './intents.ts';
import { revisionFields } from './revision.ts';

/** Taking over a container that somebody made by hand (`spec.adopt`), and what is remembered of it. Pure. */

type Seen = { observed: Observed; target: Target; intent: Intent };
/** Of a secret that somebody handed over by hand nothing is stored. */
const BY_HAND = '(set by hand)';

/** It in the words of a revision: what a new container would have otherwise is an update of it. */
function fieldsOf({ fields, env }: Foreign, fitted: Fitted): Record<string, string> {
  const wanted = revisionFields(fitted);
  const { owner = '', 'storage.home': home = '' } = wanted;
  const variables = Object.entries(env).map(([key, value]) => [
    `env.${key}`,
    fitted.env[key] === value ? value : BY_HAND,
  ]);
  return { ...fields, owner, 'storage.home': home, envFrom: '', ...Object.fromEntries(variables) };
}

/**
 * The change of the intent that takes over what is in its place, when that is wanted and may be; fsynced before
 * anything else is done to it. What runs goes on, also where nobody entered yet (OnDemand) or it was at rest before.
 */
export function adoption({ observed, target, intent }: Seen, at: string): ((intent: Intent) => Intent) | undefined {
  const { taken, ownName } = observed;
  const { fitted, run } = target;
  if (
    !taken?.foreign ||
    taken.name !== ownName ||
    !fitted.adopt ||
    run === 'Absent' ||
    intent.tombstone ||
    intent.adopted?.includes(taken.id)
  )
    return undefined;
  if (objectionsTo(taken.foreign, { observed, fitted }).length > 0) return undefined;
  const revision = { [handMadeHash(taken.id)]: fieldsOf(taken.foreign, fitted) };
  return (before) => {
    const stopped = fitted.state === 'Stopped' || before.mark?.by === 'stop';
    const goesOn = run === 'Running' || stopped ? before : wokenByAccess(fitted, at)(before);
    // What was known of a container before it is not known of this one.
    const { failed: _failed, reached: _reached, ...kept } = goesOn;
    return {
      ...kept,
      adopted: [...new Set([...(kept.adopted ?? []), taken.id])],
      revisions: { ...kept.revisions, ...revision },
    };
  };
}
