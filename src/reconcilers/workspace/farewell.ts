import { timestamp } from '../../lib/clock.ts';
import { placeText } from '../../model/home-place.ts';
import { removed } from '../removal/tombstone.ts';
import type { Look } from './look.ts';
import type { Deps } from './world.ts';

type Leaver = Pick<Look, 'observed' | 'target'>;

const homeText = ({ observed: { home }, target: { fitted, leaving } }: Leaver): string => {
  if (leaving?.trashAt === undefined) return `its home ${placeText(fitted.home.place)} stays`;
  return home.kind === 'absent' && home.former ? `its home is in the trash as ${home.former}` : 'it had no home';
};

/** The end of what is known of a workspace. */
export function makeFarewell({ intents, events, status, clock, crashLoop, idle }: Deps) {
  /** Nothing is known of it any more, so nothing is told of it. */
  const forget = (name: string): void => {
    idle.see(name, { current: undefined });
    crashLoop.forget(name);
    status.forget(name);
  };
  return {
    forget,
    /** Nothing of it is left but its home: from here on it is a memory. */
    remove: async (leaver: Leaver): Promise<void> => {
      const { fitted, leaving, because } = leaver.target;
      const { name, homeSource } = fitted;
      await intents.update(name, removed(timestamp(clock.now()), leaving?.trashAt && homeSource));
      const message = `the workspace is removed: ${because}; ${homeText(leaver)}`;
      events.emit({ name, type: 'Normal', reason: 'Removed', message });
      forget(name);
    },
  };
}
