import type { Container } from '../../../model/observed.ts';
import { isProven, isUp } from '../facts.ts';
import type { Rule } from '../plan.ts';
import { stopped } from './stopping.ts';

const newest = (a: Container, b: Container) => b.generation - a.generation || (a.createdAt < b.createdAt ? 1 : -1);

/**
 * Ours under a foreign name. With the place empty the newest fitting one gets its name back (it was renamed by hand);
 * any other is a second writer of the same home: stopped and removed. A container is not user data, the home is.
 */
export const strayRule: Rule = (target, { current, aside, strays }) => {
  const stray = [...strays].sort(newest)[0];
  if (!stray) return undefined;
  if (!current && !aside && target.run !== 'Absent')
    return { op: 'restore', id: stray.id, why: `renamed to ${stray.name}` };
  const why = `second container of ${target.fitted.name}`;
  return stopped(target, stray, why) ?? { op: 'remove', id: stray.id, why };
};

/** The predecessor goes once its successor has proven itself. */
export const cleanUpRule: Rule = (target, { at, current, aside }) => {
  if (!aside || !current || current.hash === target.failedHash) return undefined;
  const absent = target.run === 'Absent';
  if (!absent && !isProven(current, at)) return undefined;
  const why = 'its successor runs';
  return isUp(aside) ? stopped(target, aside, why) : { op: 'remove', id: aside.id, why };
};
