import { differs } from '../facts.ts';
import type { Rule } from '../plan.ts';
import { canCreate } from './replace.ts';
import { stopped } from './stopping.ts';

/** There is a container exactly when there should be one, and its home before it. */
export const presenceRule: Rule = (target, observed) => {
  const { current, aside, home, imageId } = observed;
  const { fitted, run } = target;
  if (run === 'Absent') {
    const left = current ?? aside;
    if (!left && target.leaving?.trashAt !== undefined && home.kind !== 'absent') {
      return { op: 'trashHome', fitted, at: target.leaving.trashAt, why: `${target.because}; deletionPolicy Trash` };
    }
    if (!left) return 'wait';
    return stopped(target, left, target.because) ?? { op: 'remove', id: left.id, why: target.because };
  }
  if (current?.state === 'dead') return { op: 'remove', id: current.id, why: 'the engine reports it dead' };
  if (current) return undefined;
  const possible = canCreate(target, observed);
  if (aside && !differs(target, aside, imageId)) return { op: 'restore', id: aside.id, why: 'it fits the spec again' };
  if (aside && !possible) return { op: 'restore', id: aside.id, why: 'nothing can take its place now' };
  // Nothing there and nothing wanted to run: the container is made by the first start.
  if (!possible || (run === 'Stopped' && !aside)) return 'wait';
  const why = aside ? 'takes the place of the one set aside' : 'no container';
  if (imageId === null) return { op: 'ensureImage', ref: fitted.image.ref, why };
  if (home.kind === 'absent') {
    const former = home.former && `; a former one is kept as ${home.former}, workdock home restore brings it back`;
    return { op: 'ensureHome', fitted, why: `no home yet${former ?? ''}` };
  }
  const beside = aside && stopped(target, aside, `second container of ${fitted.name}`);
  if (beside) return beside;
  return { op: 'create', fitted, generation: target.generation, why };
};
