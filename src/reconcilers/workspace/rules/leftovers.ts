import type { Container } from '../../../model/observed.ts';
import { isNamed, isProven } from '../facts.ts';
import type { Rule } from '../plan.ts';
import { stopped } from './stopping.ts';

const newest = (a: Container, b: Container) => b.generation - a.generation || (a.createdAt < b.createdAt ? 1 : -1);

/** Taken over from another name: what it was called then is for others to have. */
export const nameRule: Rule = (target, { current, aside, ownName }) => {
  if (target.run === 'Absent') return undefined;
  if (current && !isNamed(current, ownName))
    return { op: 'restore', id: current.id, why: `was ${current.name} before the rename` };
  if (!aside || isNamed(aside, ownName)) return undefined;
  return { op: 'setAside', id: aside.id, generation: aside.generation, why: `was ${aside.name} before the rename` };
};

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

/** What was set aside does not run beside its successor, and goes once that has proven itself. */
export const asideRule: Rule = (target, { at, current, aside }) => {
  if (!aside || !current) return undefined;
  const stop = stopped(target, aside, `second container of ${target.fitted.name}`);
  if (stop || current.hash === target.failedHash || !isProven(target, current, at)) return stop;
  return { op: 'remove', id: aside.id, why: 'its successor has proven itself' };
};
