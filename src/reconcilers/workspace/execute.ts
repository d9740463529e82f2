import type { Fitted } from '../../model/fitted.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { Step } from '../../model/step.ts';

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

/** The only caller of mutating verbs on workspaces (held by tests/arch). */
export async function execute(runtime: Runtime, step: Step, fitted: Fitted): Promise<void> {
  const run = handlers[step.op] as (runtime: Runtime, step: Step, fitted: Fitted) => Promise<unknown>;
  await run(runtime, step, fitted);
}
