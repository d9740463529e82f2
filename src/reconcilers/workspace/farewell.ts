import { timestamp } from '../../lib/clock.ts';
import { placeText } from '../../model/home-place.ts';
import { removed } from '../removal/tombstone.ts';
import type { Look } from './look.ts';
import type { Deps } from './world.ts';

/** Why it goes, and what becomes of its home; `trashed`: the source of one that went to the trash. */
export type Reason = { because: string; home: string; trashed?: string };

/** Of a workspace whose containers are gone. */
export function reasonOf({ observed: { home }, target: { fitted, leaving, because } }: Look): Reason {
  const former = home.kind === 'absent' && home.former;
  const none = former ? `a former home of it is kept as ${former}` : 'it had no home';
  if (leaving?.trashAt === undefined) {
    return { because, home: home.kind === 'absent' ? none : `its home ${placeText(fitted.home.place)} stays` };
  }
  return { because, home: former ? `its home is in the trash as ${former}` : none, trashed: fitted.homeSource };
}

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
    /** Nothing of it is left but its home: from here on it is a memory. False when its file came back meanwhile. */
    remove: async (name: string, { because, home, trashed }: Reason): Promise<boolean> => {
      const { removedAt } = await intents.update(name, removed(timestamp(clock.now()), trashed));
      if (removedAt === undefined) return false;
      const message = `the workspace is removed: ${because}; ${home}`;
      events.emit({ name, type: 'Normal', reason: 'Removed', message });
      forget(name);
      return true;
    },
  };
}
