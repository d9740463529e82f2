import type { CatalogState } from './catalog-state.ts';
import type { Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Config } from './model/config.ts';
import type { Desired } from './model/desired.ts';
import { type HeldList, type HeldNote, noteOf } from './model/held.ts';
import type { EventLog, InstanceStore, IntentStore, StatusStore } from './model/store.ts';
import type { Names } from './names.ts';
import { makeChangeGuard } from './reconcilers/guard/change-guard.ts';
import type { Removals } from './removals.ts';
import { makeRunning } from './running.ts';

type Deps = {
  config: Config;
  catalog: CatalogState;
  intents: IntentStore;
  instance: InstanceStore;
  events: EventLog;
  status: StatusStore;
  names: Names;
  removals: () => Pick<Removals, 'held' | 'approve'>;
  log: Log;
  clock: Clock;
};

/** What holds changes of the files until a person lets them through, and what of them is in force meanwhile. */
export function wireBrakes({ config, catalog, intents, instance, events, status, names, log, clock, ...rest }: Deps) {
  let judged = false;
  const list = async () => ((await names.refresh()) ? names.listing() : undefined);
  const guard = makeChangeGuard({
    ...{ intents, instance, events, log, clock, share: config.guard.disruptions },
    declarations: () => catalog.names().flatMap((name) => catalog.get(name) ?? []),
    waits: (name) => status.get(name)?.pending.some(({ cost }) => cost === 'nextStop') ?? true,
    running: makeRunning({ intents, instanceName: config.instance, list }),
  });
  const lists = (): HeldList[] => [...guard.held(), ...[rest.removals().held() ?? []].flat()];
  const told = () => status.setHeld(lists());

  return {
    /** The files were read, and it was judged what of them may be taken over. */
    settled: () => judged && catalog.settled(),
    mayAccept: guard.mayAccept,
    lists,
    of: (name: string): HeldNote[] =>
      lists().flatMap((list) => {
        const source = list.kind === 'disruptions' ? guard.sourceOf(name) : undefined;
        return noteOf(list, name).map((note) => ({ ...note, ...(source && { source }) }));
      }),
    /** After each scan, when all of it was judged: what is held may have become another. */
    told,
    /** After each settled scan. @returns names whose passes are to see what came of it */
    judge: async (): Promise<string[]> => {
      const moved = await guard.judge();
      judged = true;
      return moved;
    },
    /** @returns names that go on now; undefined when another list is held by now */
    approve: async ({ kind, hash }: HeldList): Promise<string[] | undefined> => {
      const free = await (kind === 'removals' ? rest.removals().approve(hash) : guard.approve(hash));
      told();
      return free;
    },
    /** The spec of a name as it is in force, or about to be. */
    inForce: (name: string): Desired | undefined => {
      const declaration = catalog.get(name);
      if (declaration?.kind === 'valid' && guard.mayAccept(declaration)) return declaration.desired;
      return intents.get(name)?.lastGood?.desired;
    },
  };
}
export type Brakes = ReturnType<typeof wireBrakes>;
