import { join } from 'node:path';
import { makeArchiveVerb } from './home-archive.ts';
import { type FactDeps, makeHomeFacts } from './home-facts.ts';
import { makePurgeVerb } from './home-purge.ts';
import { makeRestoreVerb } from './home-restore.ts';
import type { Places } from './homes/stored/places.ts';
import { countFiles, countSpace } from './homes/use.ts';
import { WorkdockError } from './lib/errors.ts';
import type { Locks } from './lib/keyed-lock.ts';
import type { Log } from './lib/log.ts';
import type { HomesService } from './model/homes.ts';
import type { Runtime } from './model/runtime.ts';
import type { EventLog } from './model/store.ts';
import { makeTrashVerbs } from './trash-verbs.ts';

type Deps = Omit<FactDeps, 'runtime'> & {
  /** Its calls do not wait for the lock: verbs hold it themselves. */
  runtime: Pick<Runtime, 'mountsBelow' | 'trashHome'>;
  locks: Locks;
  events: EventLog;
  /** Why the data folder cannot be used now. */
  dataProblem: () => string | undefined;
  changed: (name: string, trigger: string) => void;
  log: Log;
};

const COUNT_MS = 20_000;

/** What the system refused, such as a read-only disk, is no bug of ours. */
function asOurs(cause: unknown): never {
  const { code, path, message } = cause as NodeJS.ErrnoException;
  if (cause instanceof WorkdockError || code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw cause;
  const hint = 'see to the disk of the data folder; nothing is half done, and the verb can be repeated';
  throw new WorkdockError('HOME_UNUSABLE', path === undefined ? message : `${path}: ${code}`, { hint, cause });
}

/** Who is at work on which home or entry; the same for verbs of people and for the loop. */
export function makeAlone() {
  const busy = new Map<string, string>();
  /** @throws REFUSED while another verb is at it. */
  const alone = async <T>(key: string, doing: string, call: () => Promise<T>): Promise<T> => {
    const other = busy.get(key);
    if (other !== undefined) {
      throw new WorkdockError('REFUSED', `${key} is being ${other}`, { hint: 'wait until that is through' });
    }
    busy.set(key, doing);
    try {
      return await call();
    } finally {
      busy.delete(key);
    }
  };
  return { alone, doing: (key: string) => busy.get(key) };
}
export type Alone = ReturnType<typeof makeAlone>['alone'];

/** What the verbs on homes share. */
export type HomeTools = Deps & { facts: ReturnType<typeof makeHomeFacts>; alone: Alone; places: Places };

export function makeHomesService(deps: Deps & { alone: Alone }): HomesService {
  const { places, dataProblem, log } = deps;
  /** Events are a cache; who deleted what has to be found later too. */
  const events: EventLog = {
    ...deps.events,
    emit: (event) => {
      log.info({ name: event.name, reason: event.reason, message: event.message }, 'a verb on a home');
      deps.events.emit(event);
    },
  };
  const tools: HomeTools = { ...deps, events, facts: makeHomeFacts(deps) };
  /** An unmounted disk has no homes, and is nothing that one may be restored to. */
  const ready = () => {
    const problem = dataProblem();
    if (problem !== undefined) throw new WorkdockError('DATA_FOLDER_MISSING', problem, { hint: 'mount its disk' });
  };
  const checked =
    <A extends unknown[], R>(verb: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      ready();
      return verb(...args).catch(asOurs);
    };
  return {
    list: checked(tools.facts.list),
    size: checked(async (home) => {
      const row = await tools.facts.need(home);
      const signal = AbortSignal.timeout(COUNT_MS);
      const folder = join(places.users, home);
      const [bytes, files] = await Promise.all([countSpace(folder, signal), countFiles(folder, signal)]);
      const refusal = await tools.facts.refuseUsed(home, 'purged').then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof WorkdockError) || error.code !== 'REFUSED') throw error;
          return { message: error.message, hint: error.hint };
        },
      );
      return {
        ...row,
        ...(refusal && { refusal }),
        ...(bytes !== undefined && { bytes }),
        ...(files !== undefined && { files }),
      };
    }),
    archive: checked(makeArchiveVerb(tools)),
    restore: checked(makeRestoreVerb(tools)),
    purge: checked(makePurgeVerb(tools)),
    ...makeTrashVerbs(tools, checked),
  };
}
