import { makeSemaphore } from './lib/async.ts';
import { type Clock, timestamp } from './lib/clock.ts';
import { WorkdockError } from './lib/errors.ts';
import type { Lease } from './model/idle.ts';
import type { Runtime } from './model/runtime.ts';
import type { IdleRow, IdleService, Kept, TopRow } from './model/service.ts';
import type { WorkspaceStatus } from './model/status.ts';
import type { EventLog, IntentStore, StatusStore } from './model/store.ts';
import { makeCleanUp } from './reconcilers/idle/clean-up.ts';
import { capped, withLease } from './reconcilers/idle/lease-file.ts';
import type { RunningOnes } from './reconcilers/idle/running.ts';
import type { Sampler } from './reconcilers/idle/sample.ts';
import { tellLeaseEnded, tellLeaseSet } from './reconcilers/idle/tell.ts';

const MINUTE_MS = 60_000;
const WIDTH = 8;

type Deps = {
  runtime: Pick<Runtime, 'processes'>;
  sampler: Sampler;
  running: RunningOnes;
  intents: IntentStore;
  status: StatusStore;
  events: EventLog;
  clock: Clock;
  names: () => Iterable<string>;
  maxKeepMs: number;
  /** The status is to show a new lease. */
  changed: (name: string, trigger: string) => void;
};

const open = ({ until, by }: Lease) => ({ until, by });

/** What people and programs may ask about idleness. */
export function makeIdleService(deps: Deps): IdleService {
  const { runtime, sampler, running, intents, status, events, clock, names, maxKeepMs } = deps;
  const statuses = () => [...names()].flatMap((name) => status.get(name) ?? []);
  const base = ({ name, owner, labels, phase }: WorkspaceStatus) => ({ name, owner, labels, phase });
  const limited = makeSemaphore(WIDTH);

  async function idleRow(found: WorkspaceStatus): Promise<IdleRow> {
    const { name, lastActivityAt } = found;
    const intent = intents.get(name);
    const entry = sampler.entry(name);
    // Of who rests, what led to it.
    const now = await limited(() => sampler.peek(name));
    const { view } = now;
    const verdict = now.verdict ?? (found.phase === 'Resting' ? found.verdict : undefined);
    const note = sampler.blocked(name);
    const policy = intent?.lastGood?.desired.idle;
    const lease = intent?.lease && sampler.leaseLeftMs(name) > 0 ? open(intent.lease) : undefined;
    const last = view?.lastActivityAt ?? lastActivityAt;
    const since = entry ? view?.idleSince : found.idleSince;
    return {
      ...base(found),
      ...(policy && { policy }),
      ...(verdict && { verdict }),
      ...(since !== undefined && { idleSince: since }),
      ...(verdict?.restsAt !== undefined && { restsAt: verdict.restsAt }),
      ...(last !== undefined && { lastActivityAt: last }),
      ...(lease && { lease }),
      ...(note !== undefined && { note }),
    };
  }

  async function topRow(found: WorkspaceStatus): Promise<TopRow> {
    const { name, limits, memoryInUseBytes } = found;
    const seen = running.get(name);
    const cores = sampler.entry(name)?.found?.cpuCores;
    const list = seen && (await limited(() => runtime.processes(seen.container).catch(() => undefined)));
    return {
      ...base(found),
      ...(cores !== undefined && cores !== null && { cpuCores: cores }),
      ...(seen && memoryInUseBytes !== undefined && { memoryBytes: memoryInUseBytes }),
      ...(list && { processes: list.length }),
      ...(limits && { cpuLimit: limits.cpus, memoryLimitBytes: limits.memoryBytes, pidsLimit: limits.pids }),
    };
  }

  async function keep(name: string, forMs: number): Promise<Kept> {
    const intent = intents.get(name);
    const found = status.get(name);
    if (!found) {
      throw new WorkdockError('NOT_FOUND', `no workspace ${name}`, { hint: '`workdock get` lists them' });
    }
    if (!intent?.lastGood) {
      throw new WorkdockError('REFUSED', `the spec of ${name} cannot be used`, {
        hint: `mend it: workdock describe ${name}`,
      });
    }
    if (intent.tombstone?.ripeAt) {
      throw new WorkdockError('REFUSED', `no file declares ${name}`, { hint: 'put its file back first' });
    }
    const before = intent.lease;
    const { phase } = found;
    const now = clock.now();
    if (forMs === 0) {
      if (!before || before.ended) return { name, phase, lease: null };
      await intents.update(name, withLease({ end: before, why: '' }));
      tellLeaseEnded({ events, name }, before, 'ended by a person');
      deps.changed(name, 'keep --end');
      return { name, phase, lease: null };
    }
    const wanted: Lease = { at: timestamp(now), until: timestamp(now + forMs), by: 'person' };
    const lease = capped(wanted, maxKeepMs);
    await intents.update(name, (intent) => {
      // The file that was seen is remembered: it is no new word after this one.
      const { mtimeMs, text } = intent.lease ?? {};
      const file = { ...(mtimeMs !== undefined && { mtimeMs }), ...(text !== undefined && { text }) };
      return withLease({ set: { ...lease, ...file } })(intent);
    });
    tellLeaseSet({ events, name }, lease);
    deps.changed(name, 'keep');
    return { name, phase, lease: open(lease), ...(forMs > maxKeepMs && { cappedFromMs: forMs }) };
  }

  const cleanUp = makeCleanUp({ sampler, intents, status, names });
  const quietMs = ({ verdict }: IdleRow) => verdict?.quietMs ?? -1;
  return {
    idle: async () =>
      (await Promise.all(statuses().map(idleRow))).sort(
        (a, b) => quietMs(b) - quietMs(a) || (a.name < b.name ? -1 : 1),
      ),
    cleanup: ({ idleMinutes, dryRun }) => cleanUp({ idleMs: idleMinutes * MINUTE_MS, dryRun }),
    keep,
    top: () => Promise.all(statuses().map(topRow)),
  };
}
