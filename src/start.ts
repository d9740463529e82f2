import { dirname } from 'node:path';
import { makeActivity } from './activity.ts';
import { withAdoptions } from './adoptions.ts';
import { makeAllot } from './allot.ts';
import { makeApi } from './api/server.ts';
import { makeApprove } from './approve.ts';
import { makeCatalogState } from './catalog-state.ts';
import { makeController } from './controller/controller.ts';
import { isCrowded } from './controller/crowded.ts';
import { makeEngineSight } from './engine-sight.ts';
import { makeHeldHomes } from './held-homes.ts';
import { makeHolds } from './holds.ts';
import { makeHomeNotes } from './home-notes.ts';
import { makeHostState } from './host-state.ts';
import { makeHostTimes } from './host-times.ts';
import { systemClock as clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import { makeLull } from './lib/lull.ts';
import { socketPath } from './lib/socket-path.ts';
import { makeMetrics } from './metrics/metrics.ts';
import type { Config } from './model/config.ts';
import type { HeldList } from './model/held.ts';
import type { Reconcile } from './model/result.ts';
import type { InstanceStore } from './model/store.ts';
import { makeNames } from './names.ts';
import { makePutSpec } from './put-spec.ts';
import { makeDiskWatch } from './reconcilers/host/disk.ts';
import { makeFirewall } from './reconcilers/host/firewall.ts';
import { makeHostReconcile } from './reconcilers/host/reconcile.ts';
import { makeCrashLoop } from './reconcilers/workspace/crash-loop.ts';
import { makeEnds } from './reconcilers/workspace/ends.ts';
import { makeOomWatch } from './reconcilers/workspace/oom.ts';
import { makePreview, makeSight } from './reconcilers/workspace/preview.ts';
import { makeReconcile } from './reconcilers/workspace/reconcile.ts';
import type { World } from './reconcilers/workspace/world.ts';
import { makeRemovals } from './removals.ts';
import { finishRenames, knownNames } from './renames.ts';
import { makeDockerRuntime } from './runtime/docker/docker-runtime.ts';
import { makeSecrets } from './secrets.ts';
import { makeService } from './service.ts';
import { makeEngineSource } from './sources/engine.ts';
import { makeCatalog } from './spec/catalog.ts';
import { makeParser } from './spec/parse-pool.ts';
import { makeSpecSource } from './spec-source.ts';

import { openStores } from './stores.ts';
import { makeTakeScan } from './take-scan.ts';
import { wireBrakes } from './wire-brakes.ts';
import { wireHomes } from './wire-homes.ts';
import { wireIdle } from './wire-idle.ts';
import { noting, wireMetrics } from './wire-metrics.ts';
import { wireRenames } from './wire-renames.ts';

/** Between two looks at the host: conditions must follow within 5 s of an engine that goes away. */
const HOST_LOOK_MS = 3_000;
/** Notes in homes wait for a lull, and at most so long. */
const MOST_PUT_OFF_MS = 15_000;

/**
 * Wires one controller over one data folder and starts it. Sources only wake it; what it does is decided in
 * reconcilers/. The returned function ends it and leaves the workspaces as they are.
 */
export async function start(config: Config, instance: InstanceStore, log: Log): Promise<() => Promise<void>> {
  const stores = await openStores(config, instance, { clock, log });
  const { events, status, intents, ledger, specFiles } = stores;
  const { uid, key } = instance.get();
  const secrets = makeSecrets(config.secretsRoot, key);
  const metrics = makeMetrics(clock);
  const engine = metrics.measured(
    makeDockerRuntime({
      ...{ instanceUid: uid, prefix: config.prefix, mountRoots: config.mountRoots, secrets: secrets.values, clock },
    }),
  );
  await finishRenames({ intents, instance, status, events });
  const parser = makeParser({ warm: true });
  const heldHomes = makeHeldHomes({ dataDir: config.data, intents });
  const homes = wireHomes({ config, engine: withAdoptions(engine, intents), held: heldHomes.read, clock });
  const { runtime } = homes;
  const read = makeCatalog({
    parse: parser.parse,
    config,
    knownSources: () =>
      new Map(intents.all().flatMap(({ name, lastGood }) => (lastGood ? [[name, lastGood.source.path]] : []))),
    heldHomes: heldHomes.read,
    known: knownNames(intents, (name) => names.onEngine(name)),
    yields: (path) => dirname(path) === specFiles.folder,
  });
  const catalog = makeCatalogState((files) => {
    heldHomes.note();
    return read(files);
  });
  const names = makeNames({ catalog, intents, runtime });
  const sight = makeEngineSight({ clock, resyncMs: config.resyncMs, list: names.refresh, onLag: metrics.lagged });
  const renames = wireRenames({ catalog, intents, instance, log, clock, poke: () => source.poke() });
  const { former } = renames;
  const { allot, addressOf, reserve } = makeAllot({ config, instance, ledger, secrets, former });
  const holds = makeHolds({ dataDir: config.data, instanceName: config.instance, instance, clock });
  const firewall = makeFirewall({ instanceUid: uid, clock });
  const brakes = wireBrakes({
    ...{ config, catalog, intents, instance, events, status, names, log, clock },
    removals: () => removals,
  });
  const entries = () =>
    [...names.all()].flatMap((name) => {
      const { allow } = brakes.inForce(name)?.network ?? { allow: [] };
      const address = allow.length > 0 ? addressOf(name) : undefined;
      return address === undefined ? [] : [{ address, allow }];
    });
  const host = makeHostState({
    reconcile: makeHostReconcile({
      ...{ runtime, firewall, instance, entries, prefix: config.prefix, subnet: config.network.subnet },
      disk: makeDiskWatch(),
      folders: [config.data, config.state],
    }),
    ...{ firewall, entries, status, instance, clock, settled: catalog.settled },
    problems: { source: catalog.trouble, data: holds.dataProblem },
    ...{ readFrom: catalog.from, engineDoubt: sight.doubt },
  });
  const world: World = {
    settled: brakes.settled,
    declaration: catalog.get,
    mayAccept: brakes.mayAccept,
    held: brakes.of,
    renamedTo: renames.to,
    inFlight: (name) => controller.inspect(name).inFlight,
    moveAddress: renames.moveAddress,
    holds: holds.of,
    absence: (name) => removals.absence(name),
    homeOfOthers: (desired) => heldHomes.ofOthers(desired, catalog.all()),
    capabilities: host.capabilities,
    allot,
    allowed: host.allowed,
  };
  const source = makeSpecSource(config, specFiles.folder, { clock, log });
  const removals = makeRemovals({
    ...{ catalog, intents, instance, config, events, clock, log, dataProblem: holds.dataProblem, poke: source.poke },
    renamedTo: renames.to,
    changed: (name, trigger) => controller.changed(name, trigger),
  });
  const crashLoop = makeCrashLoop(clock);
  const lull = makeLull(() => isCrowded(controller.state()), clock, MOST_PUT_OFF_MS);
  const homeNotes = makeHomeNotes({ runtime, intents, events, clock, lull, maxKeepMs: config.idle.maxKeepMs });
  const hostTimes = makeHostTimes(clock);
  const ends = makeEnds({ runtime, clock, times: hostTimes.get });
  const activity = makeActivity(clock);
  const idle = await wireIdle({
    ...{ config, runtime, world, stores, activity, clock, log },
    leaseFromHome: homeNotes.leaseFromHome,
    seen: ends.seen,
    names: names.all,
    changed: (name, trigger) => controller.changed(name, trigger),
    news: (name, trigger) => controller.event(name, trigger),
  });
  const reconcile = makeReconcile({
    ...{ runtime, world, intents, events, clock, crashLoop, ends },
    ...noting(metrics, { status, idle: idle.watch, oom: makeOomWatch() }),
    tellOwner: homeNotes.tellOwner,
  });
  /** A home that became free, or shared, may settle a conflict of others: no file tells, so all are read again. */
  const reconcileAndTell: Reconcile = async (name, trigger, pass) => {
    const result = await reconcile(name, trigger, pass);
    if (catalog.hasConflict() && heldHomes.moved()) source.poke();
    return result;
  };
  const controller = makeController({
    reconcile: reconcileAndTell,
    parallel: config.limits.parallel,
    clock,
    random: Math.random,
    resyncMs: config.resyncMs,
    names: names.all,
    log,
    watch: metrics.loop,
  });
  const counted = wireMetrics({
    others: homes.others,
    ...{ metrics, config, runtime, intents, status, clock, lull },
    ...{ declared: catalog.names, known: names.all, held: brakes.lists, ...idle.figures },
    ...{ loop: controller.state, engineAges: sight.ages },
  });

  /** A host that got better or worse is news for every workspace; a look that found nothing new is not. */
  let last = '';
  let looking: Promise<void> = Promise.resolve();
  const lookAtHost = async () => {
    const now = await host.look();
    if (host.capabilities() && now === last) await sight.refreshIfDue();
    if (now === last) return;
    last = now;
    log.info({ host: now.split('\n').filter(Boolean) }, 'the host changed');
    // A hung engine would hold up the news of it by another deadline.
    if (host.capabilities()) await sight.refresh();
    controller.resyncAll('the host changed');
  };
  let cancelLook: () => void = () => undefined;
  const lookAgain = () => {
    looking = lookAtHost().catch((err: unknown) => log.error({ err }, 'the look at the host failed'));
    void looking.then(() => {
      cancelLook = clock.timer(HOST_LOOK_MS, lookAgain);
    });
  };

  const letThrough = async (list: HeldList) => {
    const free = await brakes.approve(list);
    if (free) await firewall.ensure(entries());
    for (const name of free ?? []) controller.changed(name, `let through by a person (${list.hash})`);
    return free;
  };
  const takeScan = makeTakeScan({
    ...{ catalog, brakes, removals, reserve, status, log, names: names.all, tellHost: host.tell },
    takeRenames: () => renames.take({ runtime, world, status, events, idle: idle.watch }),
    openDoors: () => firewall.ensure(entries()),
    changed: controller.changed,
  });
  source.onScan((scan) => takeScan(scan).catch((err: unknown) => log.error({ err }, 'a scan could not be taken over')));

  const service = makeService({
    homes: homes.service({
      ...{ catalog, status, events, ownerOf: ledger.ownerOf, bytesOf: counted.homeBytes },
      ...{ dataProblem: holds.dataProblem, changed: controller.changed, log },
    }),
    ...{ runtime, catalog, intents, instance, status, events, clock },
    instanceName: config.instance,
    updatesAtOnce: config.limits.disruptions,
    names: names.all,
    identityOf: ledger.identityOf,
    secrets: secrets.values,
    inspect: controller.inspect,
    preview: makePreview({ runtime, world, intents, clock }),
    sight: makeSight({ runtime, world, intents, clock }),
    putSpec: makePutSpec({
      ...{ catalog, read, files: specFiles, events, parse: parser.parse, poke: source.poke },
      dataProblem: holds.dataProblem,
    }),
    held: brakes.lists,
    approve: makeApprove({ lists: brakes.lists, letThrough, instance }),
    idle: idle.service,
    live: idle.live,
    metrics: counted.scrape,
    changed: (name, trigger) => {
      controller.changed(name, trigger);
      removals.asked(name);
    },
    forgive: crashLoop.forget,
  });
  const api = makeApi({ service, activity, log });

  await lookAtHost();
  let hearing = true;
  const engineEvents = makeEngineSource({
    watch: runtime.watch,
    controller: {
      event: controller.event,
      // Containers may have come and gone unseen: who exists is asked before everybody is looked at.
      resyncAll: (trigger) => void sight.refresh().then(() => controller.resyncAll(trigger)),
    },
    onReach: (reachable, message) => {
      if (!reachable && hearing) log.warn({ reason: message }, 'engine events lost');
      if (reachable !== hearing) hostTimes.engine(reachable);
      hearing = reachable;
    },
    onSign: sight.sign,
  });
  const close = async () => {
    await api.close();
    await source.close();
    removals.stop();
    engineEvents.close();
    cancelLook();
    await idle.stop();
    counted.stop();
    await controller.stop();
    await homeNotes.flush();
    await looking;
    await parser.close();
    await events.close();
    await status.close();
  };
  try {
    await source.start();
    controller.start();
    runtime.hangUpLeftovers().then(
      (terminals) => terminals > 0 && log.info({ terminals }, 'hung up what a killed controller left open'),
      (err: unknown) => log.warn({ err }, 'terminals that a killed controller left open may go on'),
    );
    const { path, note } = socketPath(config.state);
    await api.listen(path, note);
  } catch (error) {
    await close();
    throw error;
  }
  lookAgain();
  return close;
}
