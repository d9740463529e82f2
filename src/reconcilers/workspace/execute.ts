import { orLeave } from '../../lib/async.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { Pass } from '../../model/result.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { Step } from '../../model/step.ts';

type Means = { runtime: Runtime; running: Pick<Pass, 'away' | 'news'> };

type Handlers = {
  [Op in Step['op']]: (runtime: Runtime, step: Extract<Step, { op: Op }>, fitted: Fitted) => Promise<unknown>;
};

/** One call per step and no decisions. A new `op` without a handler here does not compile. */
const handlers: Handlers = {
  ensureImage: (runtime, step, fitted) => runtime.ensureImage(step.ref, fitted.image.pullPolicy),
  ensureHome: (runtime, step) => runtime.ensureHome(step.fitted),
  trashHome: (runtime, step) => runtime.trashHome(step.fitted, step.at),
  create: (runtime, step) => runtime.create(step.fitted, step.generation),
  update: (runtime, step) => runtime.update(step.id, step.limits),
  connect: (runtime, step) => runtime.connect(step.id, step.fitted),
  disconnect: (runtime, step) => runtime.disconnect(step.id, step.network),
  start: (runtime, step) => runtime.start(step.id, step.fitted),
  stop: (runtime, step) => runtime.stop(step.id, step.graceSeconds),
  pause: (runtime, step) => runtime.pause(step.id),
  unpause: (runtime, step) => runtime.unpause(step.id),
  setAside: (runtime, step, { name }) => runtime.setAside(step.id, name, step.generation),
  restore: (runtime, step, { name }) => runtime.restore(step.id, name),
  remove: (runtime, step) => runtime.remove(step.id),
};

/**
 * What mostly waits, for a registry or for the end of processes, and has a deadline and a bound of its own. `goesOn`:
 * the engine does it all the same, and nothing hangs on who waits for it.
 */
const waits: Partial<Record<Step['op'], 'goesOn' | 'toItsEnd'>> = { ensureImage: 'goesOn', stop: 'toItsEnd' };

/**
 * The only caller of mutating verbs on workspaces (held by tests/arch). `left`: something else is asked for, or the
 * controller ends, while an image was waited for.
 */
export async function execute(step: Step, fitted: Fitted, { runtime, running }: Means): Promise<'done' | 'left'> {
  const run = handlers[step.op] as (runtime: Runtime, step: Step, fitted: Fitted) => Promise<unknown>;
  const call = async () => {
    await run(runtime, step, fitted);
    return 'done' as const;
  };
  const { away, news } = running;
  switch (waits[step.op]) {
    case 'goesOn':
      return away(() => orLeave(news, call));
    case 'toItsEnd':
      return away(call);
    default:
      return call();
  }
}
