import { makeAccess } from './access.ts';
import type { CatalogState } from './catalog-state.ts';
import { makeExec } from './exec.ts';
import { type Clock, timestamp } from './lib/clock.ts';
import { refuse, WorkdockError } from './lib/errors.ts';
import { toTheSecond } from './lib/moment.ts';
import type { Desired } from './model/desired.ts';
import type { HomesService } from './model/homes.ts';
import { isTakenBy } from './model/instance.ts';
import type { Intent } from './model/intent.ts';
import type { Runtime } from './model/runtime.ts';
import type { IdleService, Service } from './model/service.ts';
import type { WorkspaceStatus } from './model/status.ts';
import type { EventLog, InstanceStore, IntentStore, StatusStore, UidLedger } from './model/store.ts';
import { isBraked } from './reconcilers/workspace/holds.ts';
import {
  restartByPerson,
  resumed,
  startByPerson,
  stopByPerson,
  suspendUntil,
  wokenByAccess,
} from './reconcilers/workspace/intents.ts';
import type { makePreview, makeSight } from './reconcilers/workspace/preview.ts';
import { makeUpdate } from './update.ts';

type Deps = {
  runtime: Runtime;
  catalog: CatalogState;
  intents: IntentStore;
  instance: InstanceStore;
  instanceName: string;
  status: StatusStore;
  events: EventLog;
  clock: Clock;
  names: () => Iterable<string>;
  preview: ReturnType<typeof makePreview>;
  sight: ReturnType<typeof makeSight>;
  putSpec: Service['putSpec'];
  /** `limits.disruptions`. */
  updatesAtOnce: number;
  idle: IdleService;
  homes: HomesService;
  /** The status with what was seen since it was stored. */
  live: (status: WorkspaceStatus) => Promise<WorkspaceStatus>;
  identityOf: UidLedger['identityOf'];
  secrets: (files: readonly string[]) => Promise<Record<string, string>>;
  /** What the loop has before it of a name. */
  inspect: (name: string) => { queued: boolean; inFlight: boolean; failures: number; nextAt: number | undefined };
  /** A person's word goes first in the queue and forgets earlier failures. */
  changed: (name: string, trigger: string) => void;
  forgive: (name: string) => void;
  metrics: Service['metrics'];
} & Pick<Service, 'held' | 'approve'>;

/** In the time of one answer of `plan`; a look that was begun by then may take as long again. */
const LAYERS_MS = 20_000;

/** What people may ask for. Verbs write intents and wake the loop; none of them touches the engine. */
export function makeService(deps: Deps): Service {
  const { runtime, catalog, intents, instance, status, events, clock } = deps;
  const now = () => timestamp(clock.now());

  const known = (name: string) => {
    const found = status.get(name);
    if (found) return found;
    const { removedAt } = intents.get(name) ?? {};
    if (removedAt) {
      const hint = `put its file back to have it again; workdock events ${name} tells what happened`;
      throw new WorkdockError('NOT_FOUND', `no workspace ${name}: it was removed at ${toTheSecond(removedAt)}`, {
        hint,
      });
    }
    throw catalog.settled()
      ? new WorkdockError('NOT_FOUND', `no workspace ${name}`, { hint: '`workdock get` lists them' })
      : new WorkdockError('NOT_FOUND', `no workspace ${name} is known`, {
          hint: 'the specs were not read yet: see workdock doctor',
        });
  };

  /** The workspace as a verb may act on it: declared, ours, and not held by a brake. */
  const subject = (name: string): { desired: Desired; intent: Intent } => {
    known(name);
    const declaration = catalog.get(name);
    const intent = intents.get(name);
    const desired = intent?.lastGood?.desired;
    // Until the files were read once, what was in force before is: a controller that has just begun denies nobody.
    const gone = !declaration && catalog.settled();
    if (gone && (intent?.tombstone?.ripeAt || !intent?.lastGood)) {
      return refuse(`no file declares ${name}`, 'put its file back first');
    }
    if (!desired && !catalog.settled())
      refuse('the specs were not read yet', 'try again in a moment, or see workdock doctor');
    if (!intent || !desired) return refuse(`the spec of ${name} cannot be used`, `mend it: workdock describe ${name}`);
    if (!isTakenBy(desired, deps.instanceName)) {
      return refuse(`${name} belongs to instance ${desired.instance}`, 'ask the controller of that instance');
    }
    const [all, one] = [instance.get().suspend, intent.suspend].map((brake) => isBraked(brake, clock.now()));
    if (desired.suspend) return refuse(`${name} is suspended by its spec`, 'set spec.suspend: false in its file');
    if (all) return refuse('everything is suspended', 'workdock resume --all');
    if (one) return refuse(`${name} is suspended`, `workdock resume ${name}`);
    return { desired, intent };
  };

  const mark = async (name: string, change: (intent: Intent) => Intent, trigger: string) => {
    await intents.update(name, change);
    deps.forgive(name);
    deps.changed(name, trigger);
    events.emit({ name, type: 'Normal', reason: 'Asked', message: trigger });
    return known(name);
  };

  const mayRun = (name: string, { state }: Desired) => {
    if (state === 'Stopped') refuse(`spec.state of ${name} is Stopped`, 'set spec.state: Running in its file');
  };

  const access = makeAccess({
    ...{ status, clock, subject, busy: (name) => deps.inspect(name).queued || deps.inspect(name).inFlight },
    wake: async (name) => void (await mark(name, wokenByAccess(subject(name).desired, now()), 'woken by access')),
    look: (name) => deps.changed(name, 'somebody enters'),
  });

  const until = (forMs: number | undefined) => (forMs === undefined ? undefined : timestamp(clock.now() + forMs));

  return {
    ...deps.idle,
    homes: deps.homes,
    summary: () => status.summary(),
    list: () => [...deps.names()].flatMap((name) => status.get(name) ?? []),
    problems: () => catalog.problems(),
    putSpec: deps.putSpec,
    held: deps.held,
    approve: deps.approve,
    metrics: deps.metrics,
    events: (filter) => events.read(filter),
    subscribe: (listener) => events.subscribe(listener),
    health: async () => status.summary().host,
    plan: async (name) => {
      if (name !== undefined) known(name);
      const until = clock.monotonic() + LAYERS_MS;
      return Promise.all((name === undefined ? [...deps.names()] : [name]).map((each) => deps.preview(each, until)));
    },
    describe: async (name) => {
      const found = known(name);
      const declaration = catalog.get(name);
      const good = intents.get(name)?.lastGood;
      const problems = declaration && declaration.kind !== 'valid' ? declaration.problems : [];
      const recent = await events.read({ name, limit: 20 });
      const spec = good && { desired: good.desired, origins: good.origins };
      const { queued, inFlight, failures, nextAt } = deps.inspect(name);
      const loop = { queued, inFlight, failures, ...(nextAt !== undefined && { nextLookAt: timestamp(nextAt) }) };
      return { status: await deps.live(found), problems, events: recent, loop, ...spec };
    },
    start: async (name) => {
      const { desired } = subject(name);
      mayRun(name, desired);
      // An engine that does not answer takes nothing from the mark; it is acted on when it does.
      const current = await runtime.observe({ name }).then(
        (observed) => observed.current,
        () => undefined,
      );
      return mark(name, startByPerson(desired, now(), current), 'start by a person');
    },
    stop: async (name) => mark(name, stopByPerson(subject(name).desired, now()), 'stop by a person'),
    restart: async (name) => {
      const { desired } = subject(name);
      mayRun(name, desired);
      const { current } = await runtime.observe({ name });
      return mark(name, restartByPerson(desired, now(), current), 'restart by a person');
    },
    update: makeUpdate({
      ...{ intents, clock, mark, sight: deps.sight, atOnce: deps.updatesAtOnce, status: known },
      check: (name) => void subject(name),
    }),
    exec: makeExec({ runtime, access, identityOf: deps.identityOf, secrets: deps.secrets }),
    logs: async (name, options, signal) => {
      const id = known(name).container?.id;
      if (id === undefined) return refuse(`${name} has no container yet`, `workdock why ${name}`);
      return runtime.logs(id, options, signal);
    },
    suspend: async (name, forMs) => {
      const end = until(forMs);
      if (name === null) {
        await instance.update((record) => ({ ...record, suspend: { at: now(), ...(end && { until: end }) } }));
        for (const each of deps.names()) deps.changed(each, 'suspend --all');
        return;
      }
      known(name);
      await mark(name, suspendUntil(now(), end), 'suspend by a person');
    },
    resume: async (name) => {
      if (name === null) {
        await instance.update(({ suspend: _suspend, ...record }) => record);
        for (const each of deps.names()) deps.changed(each, 'resume --all');
        return;
      }
      known(name);
      await mark(name, resumed, 'resume by a person');
    },
  };
}
