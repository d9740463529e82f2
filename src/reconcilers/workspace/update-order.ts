import { shortSpan } from '../../lib/age.ts';
import type { Intent } from '../../model/intent.ts';
import type { Container } from '../../model/observed.ts';
import { NEWER, taken, type UpdateOrder } from '../../model/update.ts';
import { isProven, isUp, offerOf, PROVEN_AFTER_MS, restartOwed } from './facts.ts';
import { restartOf } from './intents.ts';
import type { Look } from './look.ts';

/** Updates that somebody asked for in their turn: how they begin, and when they have ended. Pure. */

type Ended = Required<Pick<UpdateOrder, 'outcome'>> & Pick<UpdateOrder, 'message'>;
type Seen = Pick<Look, 'observed' | 'target' | 'intent'>;

export const isOpen = (order: UpdateOrder | undefined): order is UpdateOrder =>
  order !== undefined && order.outcome === undefined;

/** What a restart would take along, in words, as it is at this moment. */
export const takenBy = ({ changes, observed, target }: Pick<Look, 'changes' | 'observed' | 'target'>): string[] => [
  ...taken(changes),
  ...(offerOf(observed, target) === undefined ? [] : [NEWER]),
];

/** Takes along what waits, and tries a failed revision again. Who decided about its run state stays in force. */
export const orderUpdate =
  (order: Pick<UpdateOrder, 'at' | 'readyBy'>, current: Container | undefined) =>
  ({ failed: _failed, ...intent }: Intent): Intent => ({
    ...intent,
    restart: restartOf(current, order.at),
    update: order,
  });

/** The same of one that is down: it is owed to its next start. */
export const updateAtNextStart =
  (at: string, current: Container | undefined) =>
  ({ failed: _failed, ...intent }: Intent): Intent => ({ ...intent, restart: restartOf(current, at) });

/** Ends the order of this moment, if it is still the one. `withdraw`: the restart is not owed any more. */
export const endUpdate =
  ({ at }: UpdateOrder, ended: Ended, withdraw = false) =>
  (intent: Intent): Intent => {
    if (intent.update?.at !== at || !isOpen(intent.update)) return intent;
    const { restart, ...rest } = intent;
    return { ...rest, ...(restart && !withdraw && { restart }), update: { ...intent.update, ...ended } };
  };

/** What became of the order in a look that leaves nothing to do; undefined while it is on its way. */
export function endOf({ observed: { at, current }, target, intent }: Seen): Ended | undefined {
  if (!isOpen(intent.update)) return undefined;
  if (target.run !== 'Running') return { outcome: 'givenUp', message: target.because };
  if (!current || !isUp(current) || restartOwed(target, current)) return undefined;
  if (target.failedHash === target.fitted.hash) {
    return { outcome: 'putBack', message: intent.failed?.reason ?? 'it did not start' };
  }
  return isProven(target, current, at) ? { outcome: 'updated' } : undefined;
}

/**
 * What is to be done about an order whose time is up.
 *
 * - `withdraw`: it was not begun, what runs goes on.
 * - `putBack`: the new one does not run, and there is an old one.
 * - `giveUp`: it does not run, and there is none.
 *
 * `error`: what the last pass failed with.
 */
export function lateOf(
  { observed: { current, aside }, target, intent }: Seen,
  nowMs: number,
  error: string | undefined,
): { act: 'withdraw' | 'putBack' | 'giveUp'; order: UpdateOrder; message: string } | undefined {
  const order = intent.update;
  if (!isOpen(order) || nowMs < Date.parse(order.readyBy) || target.run !== 'Running') return undefined;
  const { hash } = target.fitted;
  const span = shortSpan((Date.parse(order.readyBy) - Date.parse(order.at)) / 1_000);
  const why = (target.startBlock ?? target.createBlock)?.message ?? error;
  const message = (what: string) => `not ${what} after ${span}${why === undefined ? '' : `: ${why}`}`;
  if (current && isUp(current)) {
    const begun = !restartOwed(target, current);
    return begun ? undefined : { act: 'withdraw', order, message: message('begun') };
  }
  if (target.failedHash === hash) return undefined;
  const hasBefore = aside !== undefined || (current !== undefined && current.hash !== hash);
  return { act: hasBefore ? 'putBack' : 'giveUp', order, message: message('running') };
}

/** When to look again because of an order. */
export function orderWait({ observed: { at, current }, target, intent }: Seen, nowMs: number) {
  const order = intent.update;
  if (!isOpen(order)) return undefined;
  const proving = current !== undefined && isUp(current) && !isProven(target, current, at);
  const leftMs = Date.parse(order.readyBy) - nowMs;
  const afterMs = Math.max(100, proving ? PROVEN_AFTER_MS : leftMs);
  return leftMs < 0 && !proving ? undefined : { afterMs, why: 'an update of it is on its way' };
}
