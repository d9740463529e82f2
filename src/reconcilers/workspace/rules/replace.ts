import type { Container, Observed } from '../../../model/observed.ts';
import type { Step } from '../../../model/step.ts';
import type { Target } from '../../../model/target.ts';
import { canFollow, canStart, differs, isUp, waitsForStop } from '../facts.ts';
import type { Rule } from '../plan.ts';
import { stopped } from './stopping.ts';

/** The new one failed and its hash is on record: it goes, and the old one comes back under the proper name. */
export const rollBackRule: Rule = (target, { current, aside }) => {
  if (!aside || target.failedHash !== target.fitted.hash || target.run === 'Absent') return undefined;
  const why = 'the new revision did not start';
  if (!current) return { op: 'restore', id: aside.id, why };
  if (current.hash !== target.failedHash) return undefined;
  return stopped(target, current, why) ?? { op: 'remove', id: current.id, why };
};

const mayReplace = (target: Target, c: Container) =>
  !waitsForStop(target, c) ||
  // Same hash and another image: made by hand. That is drift, and drift does not wait for the next stop.
  c.hash === target.fitted.hash;

/** Nothing healthy is given up before everything that its successor needs is there. */
export const canCreate = (target: Target, { home, missingMounts }: Observed) =>
  target.createBlock === undefined &&
  missingMounts.length === 0 &&
  home.kind !== 'wrongOwner' &&
  home.kind !== 'unusable';

const reason = ({ fitted }: Target, c: Container) => {
  if (c.hash !== fitted.hash) return 'the spec changed';
  return c.imageRef === fitted.image.ref
    ? `${c.imageRef} has a newer image`
    : `image is ${c.imageRef}, not ${fitted.image.ref}`;
};

/** Image first (least time down), then stop, then aside; what never ran or never proved itself is not worth keeping. */
export const replaceRule: Rule = (target, observed): Step | undefined => {
  const { current, aside } = observed;
  const { fitted } = target;
  if (
    !current ||
    target.run === 'Absent' ||
    target.leaving ||
    !differs(target, current, observed.imageId) ||
    target.failedHash === fitted.hash
  )
    return undefined;
  if (!mayReplace(target, current) || !canCreate(target, observed)) return undefined;
  const forRestart = current.hash === fitted.hash && current.imageRef === fitted.image.ref;
  // One that was set aside and fits comes back as it is: no home is made for it.
  const follows = aside && !differs(target, aside, observed.imageId) ? canStart : canFollow;
  if ((isUp(current) || forRestart) && target.run !== 'Stopped' && !follows(target, observed)) return undefined;
  const why = reason(target, current);
  if (observed.imageId === null) return { op: 'ensureImage', ref: fitted.image.ref, why };
  const stop = stopped(target, current, why);
  if (stop) return stop;
  const worthKeeping = !aside && current.startedAt !== undefined && current.state !== 'dead';
  if (!worthKeeping) return { op: 'remove', id: current.id, why };
  return { op: 'setAside', id: current.id, generation: current.generation, why };
};
