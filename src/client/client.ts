import { withDeadline } from '../lib/async.ts';
import { socketPath } from '../lib/socket-path.ts';
import type { Approved, HeldList } from '../model/held.ts';
import type { Problem } from '../model/problem.ts';
import type { CleanupRow, Description, IdleRow, Kept, PlanRow, PutSpec, TopRow } from '../model/service.ts';
import type { Summary, WorkspaceEvent, WorkspaceStatus } from '../model/status.ts';
import type { EventFilter } from '../model/store.ts';
import type { UpdateReply } from '../model/update.ts';
import { connectError, parseAnswer, refusal, streamEnded, tooLate } from './client-errors.ts';
import { type HomesClient, makeHomesClient } from './homes.ts';
import { type Ask, askSocket } from './http-socket.ts';

const DEADLINE_MS = 10_000;
/** A clean-up looks at every workspace anew, and asks programs of users. */
const CLEANUP_MS = 120_000;
/** A plan looks at what is in containers. */
const PLAN_MS = 60_000;

/** The controller of one state folder, asked over its socket. Every call but `follow` ends within the deadline. */
export type ApiClient = {
  summary: () => Promise<Summary>;
  health: () => Promise<Summary['host']>;
  problems: () => Promise<Problem[]>;
  /** All workspaces, or those of the given names that exist. */
  list: (names?: readonly string[]) => Promise<WorkspaceStatus[]>;
  describe: (name: string) => Promise<Description>;
  plan: (name?: string) => Promise<PlanRow[]>;
  events: (filter: EventFilter) => Promise<WorkspaceEvent[]>;
  /** The last `limit` events, then each as it happens, until the signal fires; fails when the controller ends. */
  follow: (filter: EventFilter, onEvent: (event: WorkspaceEvent) => void, signal: AbortSignal) => Promise<void>;
  start: (name: string) => Promise<WorkspaceStatus>;
  stop: (name: string) => Promise<WorkspaceStatus>;
  restart: (name: string) => Promise<WorkspaceStatus>;
  /** Restarts it if something waits for that, in its turn; put back when it does not run `withinMs` later. */
  update: (name: string, withinMs: number) => Promise<UpdateReply>;
  held: () => Promise<HeldList[]>;
  approve: (hash: string) => Promise<Approved>;
  putSpec: (name: string, given: unknown, options: { ifAbsent: boolean }) => Promise<PutSpec>;
  idle: () => Promise<IdleRow[]>;
  cleanup: (ask: { idleMinutes: number; dryRun: boolean }) => Promise<CleanupRow[]>;
  keep: (name: string, forMs: number) => Promise<Kept>;
  top: () => Promise<TopRow[]>;
  /** As Prometheus reads it. */
  metrics: () => Promise<string>;
  suspend: (name: string | null, forMs?: number) => Promise<void>;
  resume: (name: string | null) => Promise<void>;
  homes: HomesClient;
};

/** @throws CONTROLLER_UNREACHABLE when nothing answers, else whatever the controller refused with. */
export function makeClient({ state, deadlineMs = DEADLINE_MS }: { state: string; deadlineMs?: number }): ApiClient {
  const { path: socket } = socketPath(state);

  async function askText(request: Ask, withinMs = deadlineMs): Promise<string> {
    let text = '';
    const call = (signal: AbortSignal) => askSocket(socket, request, { signal, onBody: (chunk) => (text += chunk) });
    const late = () => tooLate(socket, withinMs);
    const status = await withDeadline(withinMs, call, late).catch((cause) => {
      throw (cause as Error).name === 'AbortError' ? late() : connectError(cause, socket);
    });
    if (status !== 200) throw refusal(text, status);
    return text;
  }
  const ask = async <T>(request: Ask, withinMs?: number) => parseAnswer<T>(await askText(request, withinMs));

  const get = <T>(path: string) => ask<T>({ method: 'GET', path });
  const post = <T>(path: string, body?: unknown) => ask<T>({ method: 'POST', path, body });
  const verb = (name: string) => (workspace: string) => post<WorkspaceStatus>(at(workspace, `/${name}`));

  return {
    summary: () => get('/v1/status'),
    health: () => get('/v1/health'),
    problems: () => get('/v1/problems'),
    list: (names = []) => get(`/v1/workspaces${query(names.map((name) => ['name', name] as const))}`),
    describe: (name) => get(at(name)),
    plan: (name) => {
      const path = `/v1/plan${query(name === undefined ? [] : [['name', name]])}`;
      return ask({ method: 'GET', path }, Math.max(deadlineMs, PLAN_MS));
    },
    events: (filter) => get(`/v1/events${filterQuery(filter)}`),
    follow: async (filter, onEvent, signal) => {
      let rest = '';
      const onBody = (chunk: string, status: number) => {
        rest += chunk;
        if (status !== 200) return;
        const blocks = rest.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) if (block.startsWith('data: ')) onEvent(parseAnswer(block.slice(6)));
      };
      const request: Ask = { method: 'GET', path: `/v1/events${filterQuery(filter)}`, accept: 'text/event-stream' };
      const status = await askSocket(socket, request, { signal, onBody }).catch((cause: unknown) => {
        if (!signal.aborted) throw connectError(cause, socket);
      });
      if (status === undefined) return;
      throw status === 200 ? streamEnded(socket) : refusal(rest, status);
    },
    start: verb('start'),
    stop: verb('stop'),
    restart: verb('restart'),
    update: (name, withinMs) => post(at(name, '/update'), { withinMs }),
    held: () => get('/v1/held'),
    approve: (hash) => post('/v1/approve', { hash }),
    putSpec: (name, given, { ifAbsent }) => {
      const path = `/v1/specs/${encodeURIComponent(name)}${ifAbsent ? '?ifAbsent=true' : ''}`;
      return ask({ method: 'PUT', path, body: given });
    },
    idle: () => get('/v1/idle'),
    cleanup: (body) => ask({ method: 'POST', path: '/v1/cleanup', body }, Math.max(deadlineMs, CLEANUP_MS)),
    keep: (name, forMs) => post(at(name, '/keep'), { forMs }),
    top: () => get('/v1/top'),
    metrics: () => askText({ method: 'GET', path: '/metrics', accept: 'text/plain' }),
    suspend: async (name, forMs) => {
      await post(name === null ? '/v1/suspend' : at(name, '/suspend'), forMs === undefined ? {} : { forMs });
    },
    resume: async (name) => {
      await post(name === null ? '/v1/resume' : at(name, '/resume'));
    },
    homes: makeHomesClient(socket, ask),
  };
}

const at = (name: string, rest = '') => `/v1/workspaces/${encodeURIComponent(name)}${rest}`;
const query = (pairs: (readonly [string, string])[]) =>
  pairs.length === 0 ? '' : `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`;
const filterQuery = ({ name, limit }: EventFilter) =>
  query([
    ...(name === undefined ? [] : [['name', name] as const]),
    ...(limit === undefined ? [] : [['limit', String(limit)] as const]),
  ]);
