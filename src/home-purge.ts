import { join } from 'node:path';
import { erase, lookAt } from './homes/stored/erase.ts';
import { refuseMounted, refuseSeenElsewhere } from './homes/stored/mounted-inside.ts';
import { hiddenName } from './homes/stored/places.ts';
import type { HomeTools } from './homes-service.ts';
import { WorkdockError } from './lib/errors.ts';
import { moveFolder } from './lib/move-folder.ts';
import { freeEntryName, type HomesService } from './model/homes.ts';

/** Deletes a home for good, by a person's word with its name. A crash leaves no half of it under its name. */
export function makePurgeVerb({ places, facts, alone, locks, events, clock }: HomeTools): HomesService['purge'] {
  async function hide(home: string): Promise<string> {
    await places.ensureTrash();
    const hiddenOf = (entry: string) => join(places.trash, hiddenName('purge', entry));
    const hidden = hiddenOf(await freeEntryName(home, clock.now(), (entry) => lookAt(hiddenOf(entry))));
    await moveFolder(places.home(home), hidden);
    return hidden;
  }
  return (home, confirm, { signal, tell }) =>
    alone(`home ${home}`, 'purged', async () => {
      await facts.need(home);
      if (confirm !== home) {
        const hint = `--confirm ${home} deletes it for good`;
        throw new WorkdockError('REFUSED', `${JSON.stringify(confirm)} is not the name ${home}`, { hint });
      }
      await refuseMounted(places.home(home));
      await refuseSeenElsewhere(places.home(home));
      const hidden = await locks(places.home(home), async () => {
        await facts.refuseUsed(home, 'purged');
        signal.throwIfAborted();
        return hide(home);
      });
      events.emit({ name: home, type: 'Warning', reason: 'HomePurged', message: `home ${home} is deleted for good` });
      tell('deleting');
      await erase(hidden, signal);
      return { home };
    });
}
