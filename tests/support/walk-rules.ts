import { isBraked } from '../../src/reconcilers/workspace/holds.ts';
import { isOpen } from '../../src/reconcilers/workspace/update-order.ts';
import { type FakeContainer, isUp } from '../../src/runtime/fake/engine.ts';
import { removalTimes } from './removal-world.ts';
import type { TestWorld } from './world.ts';

type Call = { verb: string; workspace: string };

const upOn = (w: TestWorld, home: string) =>
  [...w.engine.containers.values()].filter((c) => c.workspace !== null && c.homeSource === home && isUp(c));

/** What must hold at every mutating call, whatever happened before. Each rule gives a sentence when it is broken. */
export function makeRules(w: TestWorld) {
  const used = new Set<string>();

  const brokenBefore = ({ verb, workspace }: Call): string | undefined => {
    const intent = w.intent(workspace);
    const desired = intent?.lastGood?.desired;
    if (!w.host.settled) return 'no step before a settled scan';
    if (w.host.holds.length > 0 || isBraked(intent?.suspend, w.clock.now())) return 'no step while suspended';
    if (desired?.suspend) return 'no step while suspended by the spec';
    const gone = w.declarations.has(workspace) ? undefined : intent?.tombstone;
    if (gone?.ripeAt && ['create', 'start', 'home'].includes(verb)) return 'nothing is begun for what is being removed';
    if (gone?.ripeAt && verb === 'setAside') return 'nothing is renewed that is being removed';
    const wantsRun = desired?.state === 'Running' && (!intent?.mark || intent.mark.run === 'Running');
    if (verb === 'start' && !wantsRun) return 'no start of what should be stopped';
    if (verb === 'start' && w.host.network && desired?.network.mode === 'internet') return 'no start without the guard';
    if (verb === 'create' && w.host.disk) return 'no create on a full disk';
    const home = `/data/users/${desired?.home.place.kind === 'folder' ? desired.home.place.name : ''}`;
    if (verb === 'home' && used.has(home)) return 'no new home in the place of one that was used';
    return undefined;
  };

  return {
    /** Throws when a rule is broken. `homes` and `foreign` as they were before the call. */
    before: (call: Call) => {
      const broken = brokenBefore(call);
      if (broken) throw new Error(`${broken}: ${call.verb} of ${call.workspace}`);
    },
    after: ({ verb, workspace }: Call, c: FakeContainer | undefined) => {
      if (verb === 'create') {
        const made = [...w.engine.containers.values()].find((item) => item.name === `ws-${workspace}`);
        if (made) used.add(made.homeSource);
        if (made && upOn(w, made.homeSource).length > 0) throw new Error(`made beside one that runs: ${workspace}`);
      }
      if ((verb === 'start' || verb === 'unpause') && c && upOn(w, c.homeSource).length > 1) {
        throw new Error(`more than one container runs on a home: ${verb} of ${workspace}`);
      }
    },
  };
}

/** Whoever is to be stopped or removed for want of a file had none for that long, by a clock that nobody sets. */
export function watchAbsences(w: TestWorld): () => void {
  const lostAt = new Map<string, number>();
  const { graceMs, removeAfterMs } = removalTimes.deletion;
  return () => {
    for (const { name, tombstone, removedAt } of w.intents.store.all()) {
      if (w.declarations.has(name)) lostAt.delete(name);
      else if (!lostAt.has(name)) lostAt.set(name, w.clock.monotonic());
      const lost = lostAt.get(name);
      if (lost === undefined || !tombstone) continue;
      const forMs = w.clock.monotonic() - lost;
      if (tombstone.ripeAt && forMs < graceMs) throw new Error(`${name} is to be stopped after ${forMs} ms`);
      const end = tombstone.expiredAt ?? removedAt;
      if (end && forMs < graceMs + removeAfterMs) throw new Error(`${name} is to be removed after ${forMs} ms`);
      if (end && !tombstone.ripeAt) throw new Error(`${name} is to be removed and was never to be stopped`);
    }
  };
}

/** What is wrong with a workspace that had time to converge; undefined when nothing is. Written from the design. */
export function unconverged(w: TestWorld, name: string): string | undefined {
  const own = [...w.engine.containers.values()].filter((c) => c.workspace === name);
  const current = own.find((c) => c.name === `ws-${name}`);
  const intent = w.intent(name)!;
  const { desired } = intent.lastGood!;
  const status = w.status(name)!;
  const up = own.filter(isUp);
  if (up.length > 1) return 'more than one runs';
  if ((status.phase === 'Running') !== (current?.state === 'running')) return `phase ${status.phase} is not true`;
  if (desired.drift === 'Report') return undefined;
  if (isOpen(intent.update)) return 'an order is still open';
  const stopped = desired.state === 'Stopped' || intent.mark?.run === 'Stopped';
  if (stopped) return up.length === 0 ? undefined : 'it should be stopped';
  if (own.length > (current ? 1 : 0)) return 'something is left over';
  if (!current) return 'there is no container';
  const { kind } = desired.command;
  const completed = kind !== 'Keep' && desired.restartPolicy !== 'Always' && current.state === 'exited';
  if (current.state !== 'running' && !completed) return `it is ${current.state}`;
  if (current.limits.memoryBytes !== desired.limits.memoryBytes) return 'its memory is another';
  const network = desired.network.mode === 'internet' ? 'ws-net' : '';
  const asLeft = desired.driftIgnore?.includes('network');
  if (!asLeft && [...current.networks.keys()].join() !== network) return 'its networks are others';
  if (status.plan.length > 0) return 'its plan is not empty';
  const waits = desired.updatePolicy === 'OnStop' || intent.failed !== undefined;
  if (status.pending.length > 0 && !waits) return 'an update is pending';
  return undefined;
}
