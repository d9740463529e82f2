import { makeActivity } from './activity.ts';
import { makeApi } from './api/server.ts';
import { type Clock, timestamp } from './lib/clock.ts';
import { WorkdockError } from './lib/errors.ts';
import type { Log } from './lib/log.ts';
import { socketPath } from './lib/socket-path.ts';
import type { Config } from './model/config.ts';
import type { Service } from './model/service.ts';
import type { StatusStore } from './model/store.ts';
import { openStatus } from './store/status.ts';
import { describeSelf } from './stores.ts';

const RETRY_MS = 2_000;

/** Reading verbs answer from the last status; nothing can be done while nobody knows what there is. */
function waitingService(status: StatusStore, error: WorkdockError): Service {
  const refuse = () => Promise.reject(error);
  const summary = () => status.summary();
  return {
    summary,
    list: () => Object.keys(summary().workspaces).flatMap((name) => status.get(name) ?? []),
    problems: () => [],
    subscribe: () => () => undefined,
    held: () => summary().held ?? [],
    events: async () => [],
    health: async () => summary().host,
    homes: {
      ...{ list: refuse, size: refuse, archive: refuse, restore: refuse, purge: refuse, trash: refuse, empty: refuse },
    },
    ...{
      describe: refuse,
      plan: refuse,
      start: refuse,
      stop: refuse,
      restart: refuse,
      update: refuse,
      approve: refuse,
      suspend: refuse,
      resume: refuse,
      putSpec: refuse,
      exec: refuse,
      logs: refuse,
      idle: refuse,
      cleanup: refuse,
      keep: refuse,
      top: refuse,
      metrics: refuse,
    },
  };
}

type Deps = { config: Config; clock: Clock; log: Log; ended: AbortSignal };

/**
 * Tries `open` until the data folder is there. Meanwhile status.json and the API say DataFolderMissing, and nothing is
 * created or started. Any other error is thrown.
 */
export async function waitForData<T>(open: () => Promise<T>, { config, clock, log, ended }: Deps): Promise<T> {
  let close: (() => Promise<void>) | undefined;
  try {
    for (;;) {
      try {
        return await open();
      } catch (cause) {
        if (!(cause instanceof WorkdockError) || cause.code !== 'DATA_FOLDER_MISSING' || ended.aborted) throw cause;
        close ??= await announce(cause, { config, clock, log });
      }
      await new Promise<void>((resolve) => {
        const cancel = clock.timer(RETRY_MS, resolve);
        ended.addEventListener('abort', () => {
          cancel();
          resolve();
        });
      });
    }
  } finally {
    await close?.();
  }
}

/** Says so in the log, in status.json and on the socket; returns what ends the announcement. */
async function announce(error: WorkdockError, { config, clock, log }: Omit<Deps, 'ended'>) {
  log.error({ data: config.data, hint: error.hint }, error.message);
  const status = await openStatus(config.state, {
    controller: describeSelf(config, '', clock),
    clock,
    onCorrupt: (file) => log.warn({ ...file }, 'a status file was corrupt'),
  });
  const { engine } = status.summary().host;
  const missing = { type: 'DataFolderMissing', status: 'True', reason: 'NotMounted' } as const;
  const condition = {
    ...missing,
    message: `${error.message}; ${error.hint}`,
    lastTransitionTime: timestamp(clock.now()),
  };
  status.setHost({ conditions: [condition], ...(engine && { engine }) });
  const api = makeApi({ service: waitingService(status, error), activity: makeActivity(clock), log });
  const { path, note } = socketPath(config.state);
  await api.listen(path, note);
  return async () => {
    await api.close();
    await status.close();
  };
}
