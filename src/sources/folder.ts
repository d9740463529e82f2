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
/** A lock this old was left by a crash, or a person rebases over lunch: read anyway, with a warning. */
const MAX_BUSY_MS = 300_000;
/** Shorter troubles are not worth a word: a checkout, a folder being replaced. */
const BUSY_QUIET_MS = 1_000;

export type FolderSourceOptions = {
  /** As configured: shown to people and joined with the paths of the files. */
  folders: string[];
  /** How long a file must stay the same before it counts. */
  settleMs: number;
  clock: Clock;
  log: Log;
  /** Looks twice a second instead of listening, where nothing reports changes. */
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
  let patient = true;
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

  const tell = async (key: string, scan: () => Scan): Promise<void> => {
    if (key === told && !poked) return;
    told = key;
    poked = false;
    try {
      await listener(scan());
    } catch (error) {
      log.error({ err: error }, 'the listener of the specs failed');
    }
  };
  /** Trouble is told when it lasts; returns when to look again. */
  const trouble = async (kind: 'unsettled' | 'unreadable', message: string): Promise<number> => {
    const nowMs = clock.monotonic();
    if (since?.kind !== kind) since = { kind, atMs: nowMs };
    const quietMs = kind === 'unsettled' ? BUSY_QUIET_MS : settleMs;
    if (nowMs - since.atMs >= quietMs) await tell(`${kind} ${message}`, () => ({ kind, message }));
    return kind === 'unsettled' ? BUSY_LOOK_MS : Math.min(settleMs, POLL_MS);
  };
  const gatherPatiently = async (): Promise<Gathered> => {
    const found = await gather(false);
    if (found.kind !== 'busy') patient = true;
    if (found.kind !== 'busy' || since === undefined || clock.monotonic() - since.atMs < MAX_BUSY_MS) return found;
    if (patient) log.warn({ reason: found.message, waitedMs: MAX_BUSY_MS }, 'reading the specs although git is busy');
    patient = false;
    return gather(true);
  };
  /** The scan after a look; returns when the next one is due. */
  const conclude = async (): Promise<number | undefined> => {
    const found = await gatherPatiently();
    if (found.kind === 'busy') return trouble('unsettled', found.message);
    if (found.kind === 'unreadable') return trouble('unreadable', found.message);
    if (patient) since = undefined;
    if (found.kind === 'settled')
      await tell(`settled ${found.key}`, () => ({ kind: 'settled', files: found.files(), roots: found.roots }));
    return found.nextMs;
  };
  const lookNow = async (): Promise<void> => {
    hinted = false;
    const startedMs = clock.monotonic();
    let nextMs: number | undefined;
    try {
      nextMs = await conclude();
    } catch (error) {
      log.error({ err: error }, 'looking at the specs failed');
    }
    if (closed) return;
    const costMs = clock.monotonic() - startedMs;
    const pause = (ms: number, { costs, atMostMs }: typeof GAP): number =>
      Math.max(ms, Math.min(costs * costMs, atMostMs));
    const gapMs = pause(GAP_MS, GAP);
    const rescanMs = polling ? pause(POLL_MS, POLL) : pause(RESCAN_MS, RESCAN);
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
      await running;
      await watch.close();
    },
  };
}
