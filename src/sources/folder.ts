import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Scan, SpecSource } from '../model/source.ts';
import { makeAlarm } from './alarm.ts';
import { type Gathered, makeGather } from './gather.ts';
import { makeWatch } from './watch.ts';

/** From a hint to the look, so that the events of one save make one look. */
const HINT_MS = 5;
/** Between two looks, however many hints there are. */
const GAP_MS = 20;
/** Looks without a hint: for lost events and network file systems. */
const RESCAN_MS = 3_000;
const POLL_MS = 500;
/**
 * Looks that take long come less often, but not for ever: one slow look on a busy machine says little about the next,
 * and without hints nothing else would look.
 */
const GAP = { costs: 4, atMostMs: 2_000 };
const RESCAN = { costs: 30, atMostMs: 10_000 };
const POLL = { costs: 4, atMostMs: 2_000 };
const BUSY_LOOK_MS = 50;
/** Of the time that git has been at work, up to the pause of polling. */
const BUSY_SHARE = 20;
/** Shorter troubles are not worth a word: a checkout, a folder being replaced. */
const BUSY_QUIET_MS = 1_000;
/** A look that takes longer hangs: its disk does not answer. */
const LOOK_MS = 20_000;
/** Nobody waits longer for a look that hangs when the controller is to end. */
const CLOSE_MS = 2_000;

export type FolderSourceOptions = {
  /** As configured: shown to people and joined with the paths of the files. */
  folders: string[];
  /** How long a file must stay the same before it counts. */
  settleMs: number;
  clock: Clock;
  log: Log;
  /** Looks twice a second instead of listening. On network disks, and where watching fails, that is done by itself. */
  polling?: boolean;
};

/**
 * Spec files in folders. Events only say "look": what counts is the whole listing, once it has come to rest. The
 * listener is called when the outcome differs from the one before, and after every `poke`.
 */
export function makeFolderSource(options: FolderSourceOptions): SpecSource {
  const { clock, log, settleMs, polling = false } = options;
  let listener: (scan: Scan) => Promise<void> = async () => {};
  let told = '';
  let poked = false;
  let hinted = false;
  let closed = false;
  let since: { kind: 'unsettled' | 'unreadable'; atMs: number } | undefined;
  let telling: Promise<void> = Promise.resolve();
  let running: Promise<void> | undefined;

  const alarm = makeAlarm(clock, () => {
    running = lookNow().finally(() => {
      running = undefined;
    });
  });
  const soon = (): void => {
    hinted = true;
    if (running === undefined && !closed) alarm.within(HINT_MS);
  };
  const watch = makeWatch(soon, log);
  const gather = makeGather(options, async (tree, look) => {
    if (!polling && !closed) await watch.keep(tree.folder, look);
  });

  const tell = (key: string, scan: () => Scan): Promise<void> => {
    telling = telling.then(async () => {
      if (key === told && !poked) return;
      told = key;
      poked = false;
      await listener(scan()).catch((error: unknown) => log.error({ err: error }, 'the listener of the specs failed'));
    });
    return telling;
  };
  /** Milliseconds that a trouble has lasted: short ones are not worth a word. */
  const lastedMs = (kind: 'unsettled' | 'unreadable'): number => {
    const nowMs = clock.monotonic();
    if (since?.kind !== kind) since = { kind, atMs: nowMs };
    return nowMs - since.atMs;
  };
  const againMs = Math.min(settleMs, POLL_MS);
  /** The scan after a look; returns when the next one is due. */
  const conclude = async (found: Gathered): Promise<number | undefined> => {
    const key = `${found.kind} ${'message' in found ? found.message : ''}`;
    if (found.kind === 'busy') {
      const { message } = found;
      const ms = lastedMs('unsettled');
      if (ms >= BUSY_QUIET_MS) await tell(key, () => ({ kind: 'unsettled', reason: 'GitBusy', message }));
      return Math.min(Math.max(BUSY_LOOK_MS, ms / BUSY_SHARE), POLL_MS);
    }
    if (found.kind === 'unreadable') {
      const { message } = found;
      if (lastedMs('unreadable') >= settleMs) await tell(key, () => ({ kind: 'unreadable', message }));
      return againMs;
    }
    const closed = found.kind === 'settled' && found.trouble?.kind === 'unreadable';
    if (closed && lastedMs('unreadable') < settleMs) return againMs;
    if (!closed) since = undefined;
    if (found.kind === 'moving') return found.nextMs;
    const { roots, files, trouble } = found;
    const why = trouble && { reason: closed ? ('Unusable' as const) : ('GitBusy' as const), message: trouble.message };
    const scan = (): Scan => ({ kind: 'settled', files: files(), roots, ...(why && { trouble: why }) });
    await tell(`settled ${found.key} ${trouble?.message}`, scan);
    return closed ? againMs : found.nextMs;
  };
  const gatherInTime = async (): Promise<Gathered> => {
    const message = `${options.folders.join(', ')}: no answer within ${LOOK_MS / 1_000} s, a disk hangs`;
    const cancel = clock.timer(LOOK_MS, () => void tell('hangs', () => ({ kind: 'unreadable', message })));
    try {
      return await gather();
    } finally {
      cancel();
    }
  };
  const lookNow = async (): Promise<void> => {
    hinted = false;
    const startedMs = clock.monotonic();
    let nextMs: number | undefined;
    try {
      nextMs = await conclude(await gatherInTime());
    } catch (error) {
      log.error({ err: error }, 'looking at the specs failed');
    }
    if (closed) return;
    const costMs = clock.monotonic() - startedMs;
    const pause = (ms: number, { costs, atMostMs }: typeof GAP): number =>
      Math.max(ms, Math.min(costs * costMs, atMostMs));
    const gapMs = pause(GAP_MS, GAP);
    const rescanMs = polling || watch.isDeaf() ? pause(POLL_MS, POLL) : pause(RESCAN_MS, RESCAN);
    alarm.within(Math.min(nextMs === undefined ? rescanMs : Math.max(nextMs, 1), rescanMs));
    if (hinted) alarm.within(gapMs);
  };

  return {
    onScan: (next) => {
      listener = next;
    },
    start: async () => {
      alarm.within(0);
    },
    poke: () => {
      poked = true;
      soon();
    },
    close: async () => {
      closed = true;
      alarm.cancel();
      await Promise.race([running, new Promise<void>((done) => clock.timer(CLOSE_MS, done))]);
      await watch.close();
    },
  };
}
