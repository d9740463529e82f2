import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { lookAt } from './homes/stored/erase.ts';
import { type Staged, stageArchive } from './homes/stored/stage.ts';
import type { HomeTools } from './homes-service.ts';
import { timestamp } from './lib/clock.ts';
import { refuse, WorkdockError } from './lib/errors.ts';
import { moveFolder } from './lib/move-folder.ts';
import { ARCHIVE_ENDING, type HomesService, newestOf, parseEntry, type Work, withoutEnding } from './model/homes.ts';

type Source = { name: string; path: string; archive: boolean };

/** Brings back what a home left, or unpacks what was packed of it. Never over one that is there. */
export function makeRestoreVerb(tools: HomeTools): HomesService['restore'] {
  const { places, facts, alone, locks, runtime, events, clock } = tools;

  const inTrash = (name: string): Source => ({ name, path: join(places.trash, name), archive: false });
  const inArchives = (name: string): Source => ({ name, path: join(places.archives, name), archive: true });

  async function sourceOf(home: string, from: string | undefined): Promise<Source> {
    if (from !== undefined && isAbsolute(from)) {
      const there = await stat(from).catch(() => undefined);
      if (there) return { name: from, path: from, archive: true };
      throw new WorkdockError('NOT_FOUND', `no file ${from}`, { hint: '`workdock trash list` lists entries' });
    }
    const [trashed, archived] = await Promise.all([places.trashed(), places.archived()]);
    const entries = trashed.filter(({ unfinished }) => unfinished === undefined).map(({ entry }) => entry);
    const wanted = from ?? newestOf(home, [...entries, ...archived]);
    if (wanted !== undefined && entries.includes(wanted)) return inTrash(wanted);
    const archive = archived.find((name) => name === wanted || name === `${wanted}${ARCHIVE_ENDING}`);
    if (archive !== undefined) return inArchives(archive);
    const what = from === undefined ? `home ${home} has left nothing` : `no ${from} is`;
    throw new WorkdockError('NOT_FOUND', `${what} in ${places.trash} or ${places.archives}`, {
      hint: '`workdock trash list` lists what can be restored; the path of an archive goes as well',
    });
  }
  function checkHome(home: string, { name, archive }: Source): void {
    const other = parseEntry(withoutEnding(name))?.home;
    if (other === undefined || other === home) return;
    const what = archive ? 'an archive' : 'an entry';
    refuse(`${name} is ${what} of home ${other}`, `workdock home restore ${other} --from ${name}`);
  }
  const inTheWay = (home: string) => {
    const [user] = facts.usersOf(home);
    const stop = user === undefined ? '' : `workdock stop ${user} --wait, then `;
    return refuse(
      `home ${home} is there, and nothing is ever restored over one`,
      `${stop}workdock home restore ${home} --swap moves the present one to the trash`,
    );
  };
  const stage = async (home: string, source: Source, work: Work): Promise<Staged> =>
    source.archive
      ? stageArchive(places, { home, archive: source.path }, work)
      : { folder: source.path, tidy: async () => undefined };

  /** Moves the present home out of the way, if that was asked for. */
  async function makeRoom(home: string, swap: boolean): Promise<string | null> {
    const path = places.home(home);
    if (!(await lookAt(path))) return null;
    if (!swap) return inTheWay(home);
    await facts.refuseUp(home, 'swapped');
    return runtime.trashHome(places.key(home), timestamp(clock.now()), 'Up');
  }

  async function bringBack(home: string, source: Source, { swap, work }: { swap: boolean; work: Work }) {
    const { folder, tidy } = await stage(home, source, work);
    const path = places.home(home);
    try {
      return await locks(path, async () => {
        await places.ensureUsers();
        const swapped = await makeRoom(home, swap);
        await moveFolder(folder, path);
        return swapped;
      });
    } finally {
      await tidy();
    }
  }

  return (home, { from, swap }, work) =>
    alone(`home ${home}`, 'restored', async () => {
      const source = await sourceOf(home, from);
      checkHome(home, source);
      if (await lookAt(places.home(home))) {
        if (!swap) return inTheWay(home);
        await facts.refuseUp(home, 'swapped');
      }
      const swapped = await alone(source.name, 'restored', () => bringBack(home, source, { swap, work }));
      const users = facts.usersOf(home);
      const message = `home ${home} is back from ${source.name}${swapped ? `; the one before is ${swapped}` : ''}`;
      for (const name of users.length > 0 ? users : [home]) {
        events.emit({ name, type: 'Normal', reason: 'HomeRestored', message });
      }
      for (const name of users) tools.changed(name, 'its home is back');
      const { uid, owner } = await facts.need(home);
      return { home, from: source.name, uid, ...(owner !== undefined && { owner }), swapped };
    });
}
