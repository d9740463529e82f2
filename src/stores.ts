import type { Clock } from './lib/clock.ts';
import { timestamp } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import { socketPath } from './lib/socket-path.ts';
import { ownVersion } from './lib/version.ts';
import type { Config } from './model/config.ts';
import { specPlaces } from './model/spec-places.ts';
import type { InstanceStore } from './model/store.ts';
import { completeIntent } from './spec/complete.ts';
import { openEvents } from './store/events.ts';
import { openIntents } from './store/intents.ts';
import { hostUids, openLedger } from './store/ledger.ts';
import { refuseNewer } from './store/refuse-newer.ts';
import { openSpecFiles } from './store/spec-files.ts';
import { openStatus } from './store/status.ts';

/** `controller` of status.json. */
export const describeSelf = (config: Config, uid: string, clock: Clock) => ({
  pid: process.pid,
  version: ownVersion(),
  instance: config.instance,
  uid,
  startedAt: timestamp(clock.now()),
  socket: socketPath(config.state).path,
  specs: specPlaces(config),
  data: config.data,
});

/**
 * Everything on disk: what must not be lost (data folder) and what may (state folder).
 * @throws STATE_NEWER before anything was changed.
 */
export async function openStores(config: Config, instance: InstanceStore, { clock, log }: { clock: Clock; log: Log }) {
  await refuseNewer(config);
  const events = await openEvents(config.state, { clock });
  const status = await openStatus(config.state, {
    controller: describeSelf(config, instance.get().uid, clock),
    clock,
    onCorrupt: (file) => log.warn({ ...file }, 'a status file was corrupt and is rebuilt'),
    onProblem: (problem) => log.warn({ problem }, 'status persistence changed'),
  });
  try {
    const intents = await openIntents(config.data, {
      clock,
      complete: (intent) => completeIntent(intent, config),
      onCorrupt: ({ name, path, movedTo, message }) => {
        log.error({ name, path, movedTo }, 'an intents file was corrupt');
        const text = `its intents were corrupt (${message}) and are kept at ${movedTo}; marks are lost`;
        events.emit({ name, type: 'Warning', reason: 'IntentsLost', message: text });
      },
    });
    const range = config.uidRange;
    const ledger = await openLedger(config.data, { users: config.users, range, hostUids: await hostUids() });
    const specFiles = await openSpecFiles(config.data);
    return { events, status, intents, ledger, specFiles };
  } catch (error) {
    // Whoever goes on without a controller must not go on writing in its folders.
    await events.close();
    await status.close();
    throw error;
  }
}
export type Stores = Awaited<ReturnType<typeof openStores>>;
