import Fastify from 'fastify';
import type { Service } from '../model/service.ts';
import type { Activity } from '../model/stream.ts';
import { makeDoor } from './door.ts';
import { makeEventStream } from './event-stream.ts';
import { addHomeRoutes } from './home-routes.ts';
import { replyWithErrors } from './reply-error.ts';
import {
  addEventRoute,
  addHeldRoutes,
  addIdleRoutes,
  addReadRoutes,
  addSpecRoute,
  addStreamRoutes,
  addVerbRoutes,
} from './routes.ts';
import { makeUpgrades } from './streams/upgrade.ts';

/** What the API needs of a logger; pino fits. */
export type ApiLog = { error: (facts: object, message: string) => void };
type Deps = { service: Service; activity: Activity; log: ApiLog; heartbeatMs?: number; checkMs?: number };

/** Between two looks whether the socket is still there: whoever deletes the state folder waits this long for a verb. */
const CHECK_MS = 1_000;
const BODY_LIMIT_BYTES = 16 * 1024;
/** The query of exec is a whole command line; Node's own 16 KiB are little for one with a list of files. */
const HEAD_LIMIT_BYTES = 1024 * 1024;

/**
 * The HTTP API of one controller on a unix socket (routes: docs/reference/api.md).
 * `listen` throws CONTROLLER_LOCKED when another controller answers there, and makes the socket again whenever it is
 * gone. `close` ends the streams and who waits for
 * one, lets requests in flight finish, and removes the socket.
 */
export function makeApi({ service, activity, log, heartbeatMs = 15_000, checkMs = CHECK_MS }: Deps) {
  const app = Fastify({
    logger: false,
    http: { maxHeaderSize: HEAD_LIMIT_BYTES },
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false, // a HEAD of the events would be a stream without end
    // An unknown field is an error and a number in quotes is not a number: fastify's own defaults mend both silently.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  const events = makeEventStream({ service, heartbeatMs });
  replyWithErrors(app, log);
  addReadRoutes(app, service);
  addEventRoute(app, service, events);
  addVerbRoutes(app, service);
  addHeldRoutes(app, service);
  addIdleRoutes(app, service);
  addSpecRoute(app, service);
  const ending = new AbortController();
  addStreamRoutes(app, service, ending.signal);
  addHomeRoutes(app, service, ending.signal);
  const upgrades = makeUpgrades({ service, activity, log });
  upgrades.attach(app.server);
  app.addHook('preClose', (done) => {
    events.close();
    upgrades.close();
    ending.abort();
    done();
  });
  const door = makeDoor(app.server, { log, checkMs });
  return {
    /** Both arguments come from `socketPath(stateDir)`; `note` is the file that names a socket elsewhere. */
    listen: async (path: string, note?: string): Promise<{ path: string }> => {
      await app.ready();
      await door.open({ path, note });
      return { path };
    },
    close: async (): Promise<void> => {
      const { closed } = door.shut();
      await app.close();
      await closed;
    },
  };
}
