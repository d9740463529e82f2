import type { FastifyInstance } from 'fastify';
import type { Service } from '../model/service.ts';
import * as schemas from './schemas.ts';
import { streamWork } from './work-stream.ts';

/** A name of an entry is long, and many may go at once. */
const ENTRIES_LIMIT_BYTES = 1024 * 1024;

/** Homes and the trash. What may take long answers in lines, and is given up when who asked goes away. */
export function addHomeRoutes(app: FastifyInstance, { homes }: Pick<Service, 'homes'>, ending: AbortSignal): void {
  const none = { querystring: schemas.NoQuery };
  const named = { params: schemas.HomeParams, ...none };
  type Named<Body = unknown> = { Params: schemas.HomeParams; Body: Body };
  app.get('/v1/homes', { schema: none }, () => homes.list());
  app.get<Named>('/v1/homes/:home', { schema: named }, ({ params }) => homes.size(params.home));
  app.post<Named<schemas.ArchiveBody>>(
    '/v1/homes/:home/archive',
    { schema: { ...named, body: schemas.ArchiveBody } },
    ({ params, body }, reply) => {
      const { keep = false, to } = body ?? {};
      const ask = { keep, ...(to !== undefined && { to }) };
      return streamWork(reply, ending, (work) => homes.archive(params.home, ask, work));
    },
  );
  app.post<Named<schemas.RestoreBody>>(
    '/v1/homes/:home/restore',
    { schema: { ...named, body: schemas.RestoreBody } },
    ({ params, body }, reply) => {
      const { swap = false, from } = body ?? {};
      const ask = { swap, ...(from !== undefined && { from }) };
      return streamWork(reply, ending, (work) => homes.restore(params.home, ask, work));
    },
  );
  app.post<Named<schemas.PurgeBody>>(
    '/v1/homes/:home/purge',
    { schema: { ...named, body: schemas.PurgeBody } },
    ({ params, body }, reply) => streamWork(reply, ending, (work) => homes.purge(params.home, body.confirm, work)),
  );
  app.get('/v1/trash', { schema: none }, () => homes.trash());
  app.post<{ Body: schemas.EmptyTrashBody }>(
    '/v1/trash/empty',
    { schema: { ...none, body: schemas.EmptyTrashBody }, bodyLimit: ENTRIES_LIMIT_BYTES },
    ({ body }, reply) => streamWork(reply, ending, (work) => homes.empty(body, work)),
  );
}
