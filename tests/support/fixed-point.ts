import { canonical } from '../../src/lib/json.ts';
import type { Container, Observed } from '../../src/model/observed.ts';
import type { Step } from '../../src/model/step.ts';
import type { Target } from '../../src/model/target.ts';
import { execute } from '../../src/reconcilers/workspace/execute.ts';
import { MAX_STEPS, plan } from '../../src/reconcilers/workspace/plan.ts';
import { predict } from '../../src/reconcilers/workspace/predict.ts';
import { type FakeEngine, isUp } from '../../src/runtime/fake/engine.ts';
import { makeFakeRuntime } from '../../src/runtime/fake/fake-runtime.ts';
import { aPass } from './a-pass.ts';
import { type Axes, ignoredOf, ordinary, realise } from './plan-cases.ts';

const ops = (steps: Step[]) => steps.map(({ op }) => op).join(' ');
const up = (c: Container | undefined) => c !== undefined && ['running', 'paused', 'restarting'].includes(c.state);

/** A container without what no planner can know: ids, names, times, and what only a running process has. */
const known = (c: Container | undefined, addressKnown: boolean) =>
  c && {
    ...{ state: c.state, hash: c.hash, generation: c.generation, imageRef: c.imageRef, imageId: c.imageId },
    ...{
      limits: c.limits,
      networks: c.networks,
      ...(addressKnown && { address: c.address }),
      error: c.error,
      ran: c.startedAt !== undefined,
    },
  };
/** After a disconnect only the next look tells the address on the networks that stay. */
function view({ current, aside, strays, imageId, home }: Observed, { op }: Step) {
  const show = (c: Container | undefined) => known(c, op !== 'disconnect');
  return canonical({
    current: show(current),
    aside: show(aside),
    strays: strays.map(show),
    image: imageId !== null,
    home,
  });
}

/** What no step may do, whatever the case. */
function checkStep(engine: FakeEngine, { fitted }: Target, step: Step, must: Must) {
  const all = [...engine.containers.values()].filter((c) => c.workspace === fitted.name);
  const on = 'id' in step ? engine.containers.get(step.id) : undefined;
  must(!('id' in step) || on !== undefined, 'acts on what is there');
  must(on === undefined || on.workspace === fitted.name, 'acts on our own only');
  const othersUp = all.some((c) => c !== on && isUp(c));
  if (['create', 'start', 'unpause'].includes(step.op)) must(!othersUp, 'one running container per home');
  if (['setAside', 'remove'].includes(step.op)) must(!isUp(on!), 'stopped before it loses its place');
}

/** What a plan may not give up: a running workspace that nothing could follow. */
function checkRestraint(target: Target, observed: Observed, steps: Step[], must: Must) {
  const { current, aside, home, missingMounts, taken } = observed;
  if (taken) must(steps.length === 0, 'a foreign container under our names stops everything');
  // A home that is absent without being missed belongs to a move: the plan has to make it for the successor.
  const moves = home.kind === 'absent' && steps.some(({ op }) => op === 'ensureHome');
  const hostReady = (home.kind === 'ready' || moves) && missingMounts.length === 0;
  const wantsUp = target.run === 'Running' || target.run === 'Frozen';
  const rollsBack = target.failedHash === target.fitted.hash && aside !== undefined;
  if (!wantsUp || rollsBack || !up(current)) return;
  const stops = steps.some((step) => step.op === 'stop' && step.id === current!.id);
  if (target.startBlock || !hostReady) must(!stops, 'it runs, and could not be started again');
  if (target.createBlock) must(!steps.some(({ op }) => op === 'create'), 'no new container while blocked');
  const owed = target.restart?.id === current!.id && target.restart.startedAt === current!.startedAt;
  const sameRevision = current!.hash === target.fitted.hash;
  if (target.fitted.updatePolicy === 'OnStop' && !owed && !sameRevision) must(!stops, 'an update waits for a stop');
}

const placeOf = ({ networks, address }: Container) => ({ networks, address });

/** What the very container that was there keeps: what is ignored, and what the file had said of it before. */
function leftAsFound(item: Axes, { current: was }: Observed, { id }: Container) {
  const known = item.asked === 'as before' || (item.asked === 'unknown' && item.reached);
  if (!known || was?.id !== id) return { limits: {}, network: undefined };
  const fields: string[] = ignoredOf(item);
  const limits = {
    ...(fields.includes('resources.cpu') && { nanoCpus: was.limits.nanoCpus }),
    ...(fields.includes('resources.memory') && { memoryBytes: was.limits.memoryBytes }),
    ...(fields.includes('resources.pids') && { pids: was.limits.pids }),
  };
  return { limits, network: fields.includes('network') ? placeOf(was) : undefined };
}

/** Nothing stands in the way: then the end is what the target says. Written from the design, not from the rules. */
function checkEnd(item: Axes, target: Target, { was, end }: { was: Observed; end: Observed }, must: Must) {
  const { home, mounts, taken, current: first, aside, create, start, failed } = item;
  const gone = first === 'removing' || aside === 'removing';
  if (taken !== 'no' || gone) return;
  const { current } = end;
  must(end.strays.length === 0, 'no strays are left');
  must(!up(end.aside), 'nothing else runs');
  if (target.run === 'Absent') return must(!current && !end.aside, 'nothing is left');
  if (target.run === 'Stopped') must(!up(current), 'it is stopped');
  if (home === 'wrongOwner' || home === 'unusable' || mounts === 'missing') return;
  if (create === 'blocked' || start === 'blocked' || failed === 'this') return;
  const bare = first === 'absent' && aside === 'none' && item.strays === 'none';
  if (home === 'absent' && !bare) return; // lost, not new
  if (!current) return must(target.run === 'Stopped' || home === 'absent', 'there is a container');
  const { fitted } = target;
  const owed = item.restart === 'owed' && first !== 'absent' && target.run !== 'Stopped';
  const meant = owed && current.id === target.restart?.id;
  const policy = item.command;
  const mayEnd = policy === 'Never' || (policy === 'OnFailure' && current.exitCode === 0);
  const completed = item.reached && mayEnd && current.state === 'exited' && !meant;
  const wanted = target.run === 'Frozen' ? 'paused' : 'running';
  if (target.run !== 'Stopped') {
    must(current.state === wanted || completed || current.state === 'restarting', `it is ${wanted}`);
  }
  const stayedUp = ['running', 'paused', 'restarting'].includes(first) && target.run !== 'Stopped';
  const broughtBack = first === 'absent' && !bare; // up or down, as hands left it
  const waits = (broughtBack || (stayedUp && item.hash === 'other')) && item.update === 'OnStop' && !owed;
  if (!waits)
    must(current.hash === fitted.hash && current.imageRef === fitted.image.ref, 'it is the revision asked for');
  const { limits, network } = leftAsFound(item, was, current);
  if (!(stayedUp && item.live.startsWith('memory in use'))) {
    must(canonical(current.limits) === canonical({ ...fitted.limits, ...limits }), 'its limits are in force');
  }
  must(current.restartPolicy === undefined, 'the engine starts nothing by itself');
  if (network && network.networks.join() !== fitted.networkName)
    return must(canonical(placeOf(current)) === canonical(network), 'its networks as hands left them');
  must(canonical(current.networks) === canonical(fitted.networkName ? [fitted.networkName] : []), 'its network alone');
  must(current.address === fitted.address, 'its own address');
}

type Must = (holds: boolean, what: string) => void;

/**
 * The fixed-point property of one case: every step does what was predicted, leaves exactly the rest of the plan, hurts
 * nothing, and the end is the target. @throws with the case when it does not hold.
 */
export async function checkFixedPoint(item: Axes): Promise<void> {
  const { engine, target } = realise(item);
  const runtime = makeFakeRuntime(engine);
  const was = await runtime.observe(target.fitted);
  let observed = was;
  let steps = plan(target, observed);
  const all = ops(steps);
  const must: Must = (holds, what) => {
    if (holds) return;
    const unusual = Object.entries(item).filter(([key, value]) => ordinary[key as keyof Axes] !== value);
    throw new Error(`${what}: ${JSON.stringify(Object.fromEntries(unusual))}: ${all} | left: ${ops(steps)}`);
  };
  must(steps.length <= MAX_STEPS, 'a plan has an end');
  checkRestraint(target, observed, steps, must);
  for (let step = steps[0]; step; step = steps[0]) {
    checkStep(engine, target, step, must);
    const predicted = view(predict(observed, step), step);
    await execute(step, target.fitted, { runtime, running: aPass() });
    observed = await runtime.observe(target.fitted);
    const seen = view(observed, step);
    must(predicted === seen, `${step.op} does what was predicted: ${predicted} and not ${seen}`);
    const left = plan(target, observed);
    must(ops(left) === ops(steps.slice(1)), `${step.op} leaves the rest of the plan (${ops(left)})`);
    steps = left;
  }
  must(observed.home.kind !== 'ready' || item.home === 'ready' || item.home === 'absent', 'a home is left as it is');
  checkEnd(item, target, { was, end: observed }, must);
}
