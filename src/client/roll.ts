import { WorkdockError } from '../lib/errors.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { isDown } from '../model/status.ts';
import { failedBefore, type UpdateOrder, waitingFor } from '../model/update.ts';
import type { ApiClient } from './client.ts';

const PAUSE_MS = 300;
/** The controller may be restarted meanwhile; what was ordered stays ordered. */
const AWAY_MS = 60_000;
/** How long an engine may be away before anybody is told that nothing goes on. */
const NOBODY_MS = 60_000;
/** The controller ends an order soon after its time; one that it says nothing about is lost sight of. */
const SLACK_MS = 45_000;

/** One workspace that has something to take along, and what. */
export type Turn = { name: string; takes: string[]; down: boolean };

/**
 * Who is updated, in this order: those that are down, which costs nobody anything; one whose last try failed, because
 * until that is mended nobody else should be interrupted for it; the rest by name.
 */
export function turnsOf(statuses: readonly WorkspaceStatus[]): Turn[] {
  const rank = (status: WorkspaceStatus) => (isDown(status) ? 0 : failedBefore(status) ? 1 : 2);
  return [...statuses]
    .filter((status) => status.phase !== 'Elsewhere' && waitingFor(status).length > 0)
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
    .map((status) => ({ name: status.name, takes: waitingFor(status), down: isDown(status) }));
}

export type RollNews =
  | { kind: 'begun' | 'updated' | 'atNextStart' | 'upToDate'; name: string }
  | { kind: 'failed' | 'refused'; name: string; error: WorkdockError }
  | { kind: 'waits'; others: string[] };

export type Roll = { withinMs: number; onNews: (news: RollNews) => void; stop: AbortSignal };
export type Rolled = { left: string[]; failures: WorkdockError[]; updated: number };

/**
 * Asks for one update after the other. The controller decides how many are on their way, and whether one is through;
 * here is only who is next. Begins no further one after a failure, or after `stop`, and waits for those on their way.
 *
 * @throws CONTROLLER_UNREACHABLE when nobody answers for a minute.
 */
export async function roll(
  api: ApiClient,
  names: readonly string[],
  { withinMs, onNews, stop }: Roll,
): Promise<Rolled> {
  const queue = [...names];
  const going = new Map<string, { order: UpdateOrder; sinceMs: number }>();
  const result: Rolled = { left: [], failures: [], updated: 0 };
  let failed = false;
  let waits = '';
  let heldMs = performance.now();

  const fail = (name: string, error: WorkdockError) => {
    failed = true;
    result.failures.push(error);
    onNews({ kind: 'failed', name, error });
  };

  /** True when the controller took it, or it needs nothing: the next one may be asked for. */
  async function ask(name: string): Promise<boolean> {
    const reply = await api.update(name, withinMs).catch((error: unknown) => {
      if (!(error instanceof WorkdockError) || error.code === 'CONTROLLER_UNREACHABLE') throw error;
      result.failures.push(error);
      onNews({ kind: 'refused', name, error });
      return undefined;
    });
    if (!reply) return true;
    if (reply.outcome !== 'later' || reply.onTheirWay.length > 0) heldMs = performance.now();
    if (reply.outcome === 'later') {
      if (performance.now() - heldMs > NOBODY_MS) throw nobodyAnswers();
      const others = reply.onTheirWay.filter((other) => !going.has(other));
      if (others.length > 0 && others.join() !== waits) onNews({ kind: 'waits', others });
      waits = others.join();
      return false;
    }
    if (reply.outcome === 'asked') going.set(name, { order: reply.order, sinceMs: performance.now() });
    onNews({ kind: reply.outcome === 'asked' ? 'begun' : reply.outcome, name });
    return true;
  }

  async function look(): Promise<void> {
    if (going.size === 0) return;
    for (const { name, update, phase } of await api.list([...going.keys()])) {
      const mine = going.get(name);
      if (!mine) continue;
      const answer = update?.at === mine.order.at ? update : undefined;
      const lost = performance.now() - mine.sinceMs > withinMs + SLACK_MS;
      if (answer?.outcome === undefined && !lost) continue;
      going.delete(name);
      if (answer?.outcome === 'updated') {
        result.updated += 1;
        onNews({ kind: 'updated', name });
      } else fail(name, failureOf(name, answer, phase));
    }
  }

  let reachedMs = performance.now();
  while (going.size > 0 || (queue.length > 0 && !failed && !stop.aborted)) {
    try {
      await look();
      while (queue[0] !== undefined && !failed && !stop.aborted && (await ask(queue[0]))) queue.shift();
      reachedMs = performance.now();
    } catch (error) {
      const away = error instanceof WorkdockError && error.code === 'CONTROLLER_UNREACHABLE';
      if (!away || performance.now() - reachedMs > AWAY_MS || result.updated + going.size === 0) throw error;
    }
    if (going.size > 0 || (queue.length > 0 && !failed)) await pauseFor(PAUSE_MS);
  }
  return { ...result, left: queue };
}

function failureOf(name: string, update: UpdateOrder | undefined, phase: string): WorkdockError {
  const hint = `workdock why ${name}`;
  if (update?.outcome === 'putBack') {
    return new WorkdockError('START_FAILED', `${name} was put back: ${update.message}`, { hint });
  }
  const why = update?.message ?? `the controller says nothing about it; ${phase} now`;
  return new WorkdockError('WAIT_TIMEOUT', `${name} was not updated: ${why}`, { hint });
}

const nobodyAnswers = () =>
  new WorkdockError('ENGINE_UNREACHABLE', 'the engine does not answer the controller', { hint: 'workdock doctor' });

const pauseFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
