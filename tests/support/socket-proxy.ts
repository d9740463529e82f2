import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One request that changes something. `number` counts them from 1 since the last `reset`. */
export type Call = { number: number; method: string; path: string; what: string };

/**
 * What happens to one mutating request, once: `before` the engine sees it, `during` (sent whole, its answer not waited
 * for) or `after` the engine has answered it. The caller never gets the answer; with `goesOn` the request takes its way
 * once `act` has been called before it.
 */
export type Trap = { at: number; when: 'before' | 'during' | 'after' | 'goesOn'; act: () => void };
export type Moment = Exclude<Trap['when'], 'goesOn'>;

type Wait = { what: string; ms: number };

const isMutating = (method: string) => method !== 'GET' && method !== 'HEAD';
const isEvents = (path: string) => /^(?:\/v[\d.]+)?\/events\b/.test(path);

/** `POST /v1.41/containers/<id>/start?t=3` as `POST containers/start`. */
const whatOf = (method: string, url: string) =>
  `${method} ${url
    .replace(/\?.*/, '')
    .replace(/^\/v[\d.]+\//, '')
    .replace(/\/[0-9a-f]{64}/, '')}`;

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A socket in front of the engine's that counts, traps, holds and cuts. Its users see an engine with faults. */
export async function openSocketProxy(upstream = '/var/run/docker.sock') {
  const folder = mkdtempSync(join(tmpdir(), 'workdock-faults-'));
  const socketPath = join(folder, 'engine.sock');
  const clients = new Set<Socket>();
  const events = new Set<ServerResponse>();
  let calls: Call[] = [];
  let trap: Trap | undefined;
  let eventsRefused = false;
  let held: { which: RegExp; waiting: (() => void)[] } | undefined;
  /** Calls of one kind that wait for their answer, and the most of them at once. */
  const atOnce = new Map<string, { now: number; most: number }>();
  /** When each request that waits for its answer came, and how long the longest has waited. */
  const waiting = new Map<ServerResponse, { what: string; sinceMs: number }>();
  let longest: Wait = { what: '', ms: 0 };
  const waited = (to: ServerResponse): Wait => {
    const { what = '', sinceMs = performance.now() } = waiting.get(to) ?? {};
    return { what, ms: performance.now() - sinceMs };
  };
  const longer = (a: Wait, b: Wait) => (a.ms > b.ms ? a : b);

  const forward = (from: IncomingMessage, body: Buffer, onAnswer: (answer: IncomingMessage) => void): ClientRequest => {
    const { method = 'GET', url = '/', headers } = from;
    const call = request({ socketPath: upstream, method, path: url, headers, agent: false }, onAnswer);
    call.end(body);
    return call;
  };
  const pass = (from: IncomingMessage, body: Buffer, to: ServerResponse) => {
    const call = forward(from, body, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      to.flushHeaders();
      answer.pipe(to);
      answer.on('error', () => to.destroy());
    });
    call.on('error', () => to.destroy());
    to.on('close', () => call.destroy());
  };
  /** Springs the trap on the request; nobody gets an answer. */
  const spring = ({ when, act }: Trap, from: IncomingMessage, body: Buffer) => {
    const cut = () => {
      act();
      from.socket.destroy();
    };
    if (when === 'before') return cut();
    const call = forward(from, body, (answer) => {
      if (when === 'after') answer.resume().on('close', cut);
    });
    call.on('error', () => undefined);
    if (when === 'during')
      call.on('finish', () => {
        cut();
        call.destroy();
      });
  };

  const count = (what: string, to: ServerResponse) => {
    const counted = atOnce.get(what) ?? { now: 0, most: 0 };
    atOnce.set(what, counted);
    counted.now += 1;
    counted.most = Math.max(counted.most, counted.now);
    to.on('close', () => {
      counted.now -= 1;
    });
  };

  const handle = async (from: IncomingMessage, to: ServerResponse) => {
    const { method = 'GET', url = '/' } = from;
    const body = await bodyOf(from);
    if (!isEvents(url)) {
      waiting.set(to, { what: `${method} ${url}`, sinceMs: performance.now() });
      to.on('close', () => {
        longest = longer(longest, waited(to));
        waiting.delete(to);
      });
    } else {
      if (eventsRefused) return from.socket.destroy();
      events.add(to);
      to.on('close', () => events.delete(to));
    }
    // A stopped engine takes what was sent to it up again, whether or not anybody still waits for the answer.
    const what = whatOf(method, url);
    if (isMutating(method)) count(what, to);
    if (held?.which.test(what)) await new Promise<void>((resolve) => held?.waiting.push(resolve));
    if (isMutating(method)) {
      const number = calls.length + 1;
      calls.push({ number, method, path: url, what });
      if (trap?.at === number) {
        const sprung = trap;
        trap = undefined;
        if (sprung.when !== 'goesOn') return spring(sprung, from, body);
        sprung.act();
      }
    }
    pass(from, body, to);
  };

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (from, to) => {
    handle(from, to).catch(() => to.destroy());
  });
  server.on('connection', (socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));

  const cut = () => {
    for (const socket of clients) socket.destroy();
  };
  const release = () => {
    for (const go of held?.waiting ?? []) go();
    held = undefined;
  };
  return {
    socketPath,
    host: `unix://${socketPath}`,
    calls: (): readonly Call[] => calls,
    reset: () => {
      calls = [];
      trap = undefined;
      longest = { what: '', ms: 0 };
      atOnce.clear();
    },
    setTrap: (next: Trap) => {
      trap = next;
    },
    /** Breaks every open connection; new ones work. */
    cut,
    cutEvents: () => {
      for (const stream of events) stream.destroy();
    },
    eventStreams: () => events.size,
    /** From now on no event stream opens; the open ones break. */
    refuseEvents: (value: boolean) => {
      eventsRefused = value;
      if (value) for (const stream of events) stream.destroy();
    },
    /** Takes requests and answers none of these kinds until `release`, as a stopped engine does with all. */
    hold: (which = /./) => {
      held ??= { which, waiting: [] };
    },
    held: () => held?.waiting.length ?? 0,
    release,
    /** The most calls of a kind, such as `POST containers/start`, that waited for their answers at the same time. */
    mostAtOnce: (what: string) => atOnce.get(what)?.most ?? 0,
    /** The longest that anybody has waited for an answer since `reset`. */
    longestWait: (): Wait => [...waiting.keys()].map(waited).reduce(longer, longest),
    close: async () => {
      release();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type SocketProxy = Awaited<ReturnType<typeof openSocketProxy>>;
