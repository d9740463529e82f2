import { realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ensureArchives, packHome } from './homes/stored/archive.ts';
import { lookAt } from './homes/stored/erase.ts';
import { refuseMounted } from './homes/stored/mounted-inside.ts';
import type { HomeTools } from './homes-service.ts';
import { timestamp } from './lib/clock.ts';
import { WorkdockError } from './lib/errors.ts';
import { ARCHIVE_ENDING, freeEntryName, type HomesService } from './model/homes.ts';

const real = (path: string) => realpath(path).catch(() => resolve(path));

/** Packs a home that rests, and moves it to the trash if nobody has it. */
export function makeArchiveVerb(tools: HomeTools): HomesService['archive'] {
  const { places, facts, alone, locks, runtime, events, clock } = tools;

  async function fileFor(home: string, to: string | undefined): Promise<string> {
    if (to === undefined) {
      await ensureArchives(places.archives, home);
      const fileOf = (entry: string) => join(places.archives, `${entry}${ARCHIVE_ENDING}`);
      return fileOf(await freeEntryName(home, clock.now(), (entry) => lookAt(fileOf(entry))));
    }
    const ours = [places.users, places.trash, join(places.users, '..', '.workdock')];
    // Where it would come to lie, whatever links lead there; what is not there is told when it is written.
    const [folder, ...realOurs] = await Promise.all([dirname(to), ...ours].map(real));
    if (!realOurs.some((each) => `${folder}/`.startsWith(`${each}/`))) return to;
    throw new WorkdockError('REFUSED', `${to} lies among the homes`, { hint: `without --to: ${places.archives}` });
  }
  const toTrash = (home: string) => {
    const key = places.key(home);
    return locks(key.homeSource, async () => {
      await facts.refuseUsed(home, 'moved');
      return runtime.trashHome(key, timestamp(clock.now()));
    });
  };
  /** The archive is there and stays there; only the move did not come to be. */
  const notMoved = (archive: string, why: string, hint: string) =>
    new WorkdockError('PARTIAL_FAILURE', `${archive} is written, and the home stays: ${why}`, { hint });

  return (home, { to, keep }, work) =>
    alone(`home ${home}`, 'archived', async () => {
      await facts.need(home);
      await (keep ? facts.refuseUp(home, 'archived') : facts.refuseUsed(home, 'archived and moved to the trash'));
      await refuseMounted(places.home(home), { itself: keep });
      const archive = await fileFor(home, to);
      const packed = await packHome(places.home(home), archive, work);
      const [name = home] = facts.usersOf(home);
      events.emit({ name, type: 'Normal', reason: 'HomeArchived', message: `home ${home} is packed in ${archive}` });
      if (keep) return { home, archive, ...packed, entry: null };
      if (packed.changed.length > 0) {
        const hint = 'see who writes to it, and archive it again; with --keep it is only a copy';
        throw notMoved(archive, `${packed.changed[0]} changed while it was read`, hint);
      }
      work.tell('moving it to the trash');
      const entry = await toTrash(home).catch((error: unknown) => {
        if (error instanceof WorkdockError) throw notMoved(archive, error.message, error.hint);
        throw error;
      });
      events.emit({ name, type: 'Normal', reason: 'HomeTrashed', message: `home ${home} is in the trash as ${entry}` });
      return { home, archive, ...packed, entry };
    });
}
