import type { FastifyInstance } from 'fastify';
import { SUBPROTOCOL } from '../lib/channel-protocol.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { Service } from '../model/service.ts';
import { type makeEventStream, readEvents } from './event-stream.ts';
import * as schemas from './schemas.ts';
import { controllerEnds } from './streams/controller-ends.ts';
import { together } from './streams/together.ts';

const get = { schema: { querystring: schemas.NoQuery } };
const named = { schema: { params: schemas.NameParams, querystring: schemas.NoQuery } };

/** The text format of Prometheus. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What can be asked. Nothing here changes anything. */
export function addReadRoutes(app: FastifyInstance, service: Service): void {
  app.get('/healthz', get, () => ({ ok: true }));
  app.get('/metrics', get, async (_request, reply) => reply.type(METRICS_TYPE).send(await service.metrics()));
  app.get('/v1/status', get, () => service.summary());
  app.get('/v1/health', get, () => service.health());
  app.get('/v1/problems', get, () => service.problems());
  app.get<{ Querystring: schemas.ListQuery }>(
    '/v1/workspaces',
    { schema: { querystring: schemas.ListQuery } },
    (request) => {
      const { name } = request.query;
      if (name === undefined) return service.list();
      const wanted = new Set([name].flat());
      return service.list().filter((status) => wanted.has(status.name));
    },
  );
  app.get<{ Params: schemas.NameParams }>('/v1/workspaces/:name', named, (request) =>
    service.describe(request.params.name),
  );
  app.get<{ Querystring: schemas.PlanQuery }>('/v1/plan', { schema: { querystring: schemas.PlanQuery } }, (request) =>
    service.plan(request.query.name),
  );
}

/** Events, as JSON or, when the client accepts `text/event-stream`, as they happen. */
export function addEventRoute(
  app: FastifyInstance,
  service: Service,
  { stream }: ReturnType<typeof makeEventStream>,
): void {
  const options = { schema: { querystring: schemas.EventQuery } };
  app.get<{ Querystring: schemas.EventQuery }>('/v1/events', options, async (request, reply) => {
    const { name, limit } = request.query;
    const filter = {
      ...(name === undefined ? {} : { name }),
      ...(limit === undefined ? {} : { limit: Number(limit) }),
    };
    if (request.headers.accept?.includes('text/event-stream')) return stream(reply, filter);
    return readEvents(service, filter);
  });
}

/** The verbs of people. A status comes back when the wish is stored, before the engine has obeyed. */
export function addVerbRoutes(app: FastifyInstance, service: Service): void {
  const verb = { schema: { ...named.schema, body: schemas.EmptyBody } };
  for (const name of ['start', 'stop', 'restart'] as const) {
    app.post<{ Params: schemas.NameParams }>(`/v1/workspaces/:name/${name}`, verb, (request) =>
      service[name](request.params.name),
    );
  }
  const update = { schema: { ...named.schema, body: schemas.UpdateBody } };
  type Update = { Params: schemas.NameParams; Body: schemas.UpdateBody };
  app.post<Update>('/v1/workspaces/:name/update', update, ({ params, body }) =>
    service.update(params.name, body.withinMs),
  );
  const brake = { schema: { ...named.schema, body: schemas.SuspendBody } };
  type Brake = { Params: schemas.NameParams; Body: schemas.SuspendBody };
  app.post<Brake>('/v1/workspaces/:name/suspend', brake, async ({ params, body }) => {
    await service.suspend(params.name, body?.forMs);
    return { ok: true };
  });
  app.post<{ Params: schemas.NameParams }>('/v1/workspaces/:name/resume', verb, async ({ params }) => {
    await service.resume(params.name);
    return { ok: true };
  });
  const all = { querystring: schemas.NoQuery };
  app.post<Brake>('/v1/suspend', { schema: { ...all, body: schemas.SuspendBody } }, async ({ body }) => {
    await service.suspend(null, body?.forMs);
    return { ok: true };
  });
  app.post('/v1/resume', { schema: { ...all, body: schemas.EmptyBody } }, async () => {
    await service.resume(null);
    return { ok: true };
  });
}

/** What waits for a person, and the person's word. */
export function addHeldRoutes(app: FastifyInstance, service: Service): void {
  app.get('/v1/held', get, () => service.held());
  const approve = { schema: { querystring: schemas.NoQuery, body: schemas.ApproveBody } };
  app.post<{ Body: schemas.ApproveBody }>('/v1/approve', approve, ({ body }) => service.approve(body.hash));
}

/** Who is idle, who is kept from it, and who is put to rest. */
export function addIdleRoutes(app: FastifyInstance, service: Service): void {
  app.get('/v1/idle', get, () => service.idle());
  app.get('/v1/top', get, () => service.top());
  const cleanup = { schema: { querystring: schemas.NoQuery, body: schemas.CleanupBody } };
  app.post<{ Body: schemas.CleanupBody }>('/v1/cleanup', cleanup, ({ body: { idleMinutes, dryRun = false } }) =>
    service.cleanup({ idleMinutes, dryRun }),
  );
  const keep = { schema: { ...named.schema, body: schemas.KeepBody } };
  type Keep = { Params: schemas.NameParams; Body: schemas.KeepBody };
  app.post<Keep>('/v1/workspaces/:name/keep', keep, ({ params, body }) => service.keep(params.name, body.forMs));
}

/** As long as a spec file may be. */
const SPEC_LIMIT_BYTES = 64 * 1024;

/** Specs from programs: a whole document or its `spec` part, as JSON. */
export function addSpecRoute(app: FastifyInstance, service: Service): void {
  const options = {
    schema: { params: schemas.SpecParams, querystring: schemas.PutSpecQuery },
    bodyLimit: SPEC_LIMIT_BYTES,
  };
  app.put<{ Params: schemas.SpecParams; Querystring: schemas.PutSpecQuery; Body: unknown }>(
    '/v1/specs/:name',
    options,
    ({ params, query, body }) => service.putSpec(params.name, body ?? null, { ifAbsent: query.ifAbsent === 'true' }),
  );
}

/** The WebSocket itself is taken by streams/upgrade.ts; this is who asks without one. `ending`: no answer goes on. */
export function addStreamRoutes(app: FastifyInstance, service: Service, ending: AbortSignal): void {
  app.get('/v1/workspaces/:name/exec', () => {
    const hint = `connect with a WebSocket that offers ${SUBPROTOCOL}`;
    throw new WorkdockError('USAGE', 'exec is a stream', { hint });
  });
  const options = { schema: { params: schemas.NameParams, querystring: schemas.LogQuery } };
  type Logs = { Params: schemas.NameParams; Querystring: schemas.LogQuery };
  app.get<Logs>('/v1/workspaces/:name/logs', options, async ({ params, query }, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const tail = query.tail === undefined ? {} : { tail: Number(query.tail) };
    const sources = await service.logs(params.name, { follow: query.follow === 'true', ...tail }, gone.signal);
    const text = together(Object.values(sources));
    // Broken off and not ended: whoever follows is to know that more may come.
    const breakOff = () => text.destroy(controllerEnds());
    if (ending.aborted) {
      text.destroy();
      throw controllerEnds();
    }
    ending.addEventListener('abort', breakOff);
    text.once('close', () => ending.removeEventListener('abort', breakOff));
    reply.type('text/plain; charset=utf-8');
    return reply.send(text);
  });
}
