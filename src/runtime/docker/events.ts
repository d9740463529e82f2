import type { Readable } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { RuntimeHint } from '../../model/runtime.ts';
import type { Engine } from './connect.ts';
import type { Echoes } from './echo.ts';
import { label } from './labels.ts';
import { untyped } from './untyped.ts';

type Actor = { ID: string; Attributes?: Partial<Record<string, string>> };
type EngineEvent = { Type: string; Action: string; Actor: Actor; timeNano?: number };

/** What can change a workspace. Not exec: our own looks would wake us. */
const actions = 'create start die kill stop restart pause unpause rename update destroy oom connect disconnect'.split(
  ' ',
);
const MOST_BACKOFF_MS = 30_000;
const MOST_LINE = 1 << 20;

type Deps = { engine: Engine; instanceUid: string; clock: Clock; echoes: Echoes };
type OnHint = (hint: RuntimeHint) => void;

/**
 * A network's event carries the container's id and none of its labels, and one that was made by hand has none of ours:
 * names are remembered from other events and from looks.
 */
function makeReader({ instanceUid, echoes }: Deps, nameOf: Map<string, string>) {
  return (line: string): RuntimeHint | null => {
    const { Type, Action, Actor, timeNano } = JSON.parse(line) as EngineEvent;
    // As a number it is off by some hundred nanoseconds.
    const when = timeNano !== undefined && { atMs: timeNano / 1e6 };
    const attributes = Actor.Attributes ?? {};
    if (Type === 'network') {
      // Of any network: being put on a foreign one is as much news as being taken off ours.
      const id = attributes['container'] ?? '';
      const name = nameOf.get(id);
      return name === undefined || echoes.isOwn(id, Action)
        ? null
        : { kind: 'workspace', name, action: `network ${Action}`, id, ...when };
    }
    const labelled = attributes[label.instance] === instanceUid ? attributes[label.name] : undefined;
    const name = labelled ?? nameOf.get(Actor.ID);
    if (name === undefined) return null;
    // One that is not ours and has another name now is nobody's, unless the next look finds it again.
    if (Action === 'destroy' || (labelled === undefined && Action === 'rename')) nameOf.delete(Actor.ID);
    else nameOf.set(Actor.ID, name);
    if (echoes.isOwn(Action === 'create' ? (attributes['name'] ?? '') : Actor.ID, Action)) return null;
    return { kind: 'workspace', name, action: Action, id: Actor.ID, ...when };
  };
}

/** Resolves when the stream has ended in whatever way: on a stopped engine there is `close` and no `end`. */
async function drain(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(-MOST_LINE);
    for (const line of lines) if (line.trim()) onLine(line);
  });
  stream.on('error', () => {}); // `close` follows
  await new Promise<void>((resolve) => stream.once('close', resolve));
}

/** Asks on another connection from time to time: a stream of a hung engine is only silent. Returns a canceller. */
function checkLiveness({ engine, clock }: Deps, onAlive: () => void, onDead: (error: unknown) => void): () => void {
  let cancel = () => {};
  let over = false;
  const next = () => {
    cancel = clock.timer(engine.pingMs, () => {
      engine
        .read('ping', (docker, abortSignal) => untyped(docker).ping({ abortSignal }))
        .then(() => {
          if (over) return;
          onAlive();
          next();
        }, onDead);
    });
  };
  next();
  return () => {
    over = true;
    cancel();
  };
}

/**
 * Hints from the engine's events, reopened for ever with growing pauses (0.1 s to 30 s). The engine keeps 256 events in
 * memory and none over its restart, so nothing is asked for again: every opening says `reconnected` instead.
 */
export function makeWatch(deps: Deps, nameOf: Map<string, string>) {
  const { engine, clock } = deps;
  const read = makeReader(deps, nameOf);
  const filters = { type: ['container', 'network'], event: actions };

  return (onHint: OnHint): { close: () => void } => {
    let closed = false;
    let current: Readable | undefined;
    let wake = () => {};

    const session = async (): Promise<void> => {
      current = (await engine.open('events', (docker, abortSignal) =>
        docker.getEvents({ filters: JSON.stringify(filters), abortSignal } as object),
      )) as Readable;
      if (closed) return void current.destroy();
      const stream = current;
      const done = drain(stream, (line) => {
        const hint = read(line) ?? { kind: 'alive' };
        if (!closed) onHint(hint);
      });
      const onAlive = () => onHint({ kind: 'alive' });
      const stopChecks = checkLiveness(deps, onAlive, () => stream.destroy());
      onHint({ kind: 'reconnected' });
      await done;
      stopChecks();
    };
    const run = async (): Promise<void> => {
      for (let attempt = 0; !closed; attempt += 1) {
        const openedAt = clock.monotonic();
        const message = await session().then(
          () => 'the event stream of the engine ended',
          (error: unknown) => (error instanceof WorkdockError ? error.message : String(error)),
        );
        if (closed) return;
        onHint({ kind: 'lost', message });
        if (clock.monotonic() - openedAt > MOST_BACKOFF_MS) attempt = 0;
        const afterMs = Math.min(MOST_BACKOFF_MS, 100 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
        await new Promise<void>((resolve) => {
          const cancel = clock.timer(afterMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
    };
    void run();
    return {
      close: () => {
        closed = true;
        current?.destroy();
        wake();
      },
    };
  };
}
