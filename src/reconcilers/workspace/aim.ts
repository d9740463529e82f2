import { basename } from 'node:path';
import type { Fitted } from '../../model/fitted.ts';
import type { Intent, Reached, Run } from '../../model/intent.ts';
import type { Container, Observed } from '../../model/observed.ts';
import type { Block, Target } from '../../model/target.ts';
import { fingerprint, knowsHome } from './intents.ts';
import { liveWanted } from './live-fields.ts';
import { revisionFields } from './revision.ts';

/** What the host and its files allow at this moment. */
export type Allowed = { disk?: Block; network?: Block; secrets?: Block };

/** The home was there before, so an absent one is lost or unmounted: an empty new one would hide that. */
export function homeBlock(intent: Intent, observed: Observed, fitted: Fitted): Block | undefined {
  const { home, current, aside, strays } = observed;
  const { uid, gid } = fitted.identity;
  // No container is made before its home is there, so one of this home is as good a witness as the record.
  const wanted = revisionFields(fitted)['storage.home'];
  const mounts = (c: Container) => [undefined, wanted].includes(intent.revisions[c.hash]?.['storage.home']);
  const witness = [current, aside, ...strays].some((c) => c !== undefined && mounts(c));
  const wasThere = witness || knowsHome(intent, fitted);
  if (home.kind === 'absent' && wasThere) {
    const { former } = home;
    const back = former && `workdock home restore ${basename(fitted.homeSource)} brings back ${former}`;
    const mend = `${back ?? 'mount or restore it'}; for an empty one: install -d -m 700 -o ${uid} -g ${gid}`;
    return { reason: 'HomeMissing', message: `home ${fitted.homeSource} is gone; ${mend} ${fitted.homeSource}` };
  }
  if (home.kind === 'wrongOwner') {
    const message = `home ${home.path} belongs to ${home.uid}:${home.gid}, not to ${fitted.owner} (${uid}:${gid})`;
    return { reason: 'HomeWrongOwner', message: `${message}; mend: chown -R ${uid}:${gid} ${home.path}` };
  }
  return home.kind === 'unusable' ? { reason: 'HomeUnusable', message: home.message } : undefined;
}

/** Fitted, decision, intents and the moment's limits to one target. Pure. */
export function aim(
  input: { fitted: Fitted; run: Run; because: string; intent: Intent; allowed: Allowed; leaving?: Target['leaving'] },
  observed: Observed,
): Target {
  const { fitted, run, because, intent, allowed } = input;
  const home = homeBlock(intent, observed, fitted);
  const createBlock = home ?? allowed.secrets ?? allowed.disk;
  const startBlock = home ?? (fitted.networkName !== null ? allowed.network : undefined);
  const asked = {
    ...{ fitted, run, because, generation: intent.generation },
    ...(intent.failed && { failedHash: intent.failed.hash }),
    ...(intent.restart && { restart: intent.restart }),
    ...(input.leaving && { leaving: input.leaving }),
  };
  return {
    ...asked,
    ...(intent.reached?.live && { reachedLive: intent.reached.live }),
    ...(intent.reached?.liveOf && { reachedLiveOf: intent.reached.liveOf }),
    reachedBefore: intent.reached?.fingerprint === fingerprint(asked) && !movedOn(intent.reached, fitted),
    ...(createBlock && { createBlock }),
    ...(startBlock && { startBlock }),
  };
}

/** Something live has been another since, while the rest of that change waited: it is no hand's doing. */
function movedOn({ live = {} }: Reached, fitted: Fitted): boolean {
  const wanted: Record<string, string> = liveWanted(fitted);
  return Object.entries(live).some(([field, value]) => wanted[field] !== undefined && wanted[field] !== value);
}
