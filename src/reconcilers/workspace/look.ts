import type { Fitted } from '../../model/fitted.ts';
import type { Intent, Run } from '../../model/intent.ts';
import type { Observed } from '../../model/observed.ts';
import type { FieldChange, Step } from '../../model/step.ts';
import type { Block, Target } from '../../model/target.ts';
import { aim } from './aim.ts';
import { changes, ignoredChanges } from './changes.ts';
import { plan } from './plan.ts';
import type { Deps } from './world.ts';

export type Order = { fitted: Fitted; run: Run; because: string; secrets?: Block; leaving?: Target['leaving'] };

/** What one look at a workspace found, and what it would take. */
export type Look = {
  observed: Observed;
  target: Target;
  intent: Intent;
  /** Empty when converged; not empty with `drift: Report`, where it says what healing would do. */
  steps: Step[];
  changes: FieldChange[];
  /** What hands changed and `drift.ignore` leaves as it is. */
  ignored: FieldChange[];
};

/** `Always` means asked for anew before every create: until a pass has asked, there is no image. */
const unasked = ({ image }: Fitted, observed: Observed): Observed =>
  image.pullPolicy === 'Always' ? { ...observed, imageId: null } : observed;

/** What the target asks for in the face of `observed`. Pure. */
export const judge = (target: Target, observed: Observed, intent: Intent, asked: boolean): Look => ({
  ...{ observed, target, intent, changes: changes(target, observed, intent.revisions) },
  ignored: ignoredChanges(target, observed),
  steps: plan(target, asked ? observed : unasked(target.fitted, observed)),
});

/** Looks at engine and host, quicker with an earlier look of the same pass. Changes nothing. */
export async function lookAt(
  { runtime, world }: Pick<Deps, 'runtime' | 'world'>,
  order: Order,
  intent: Intent,
  seen?: Observed,
) {
  const { adopted } = intent;
  const observed = await runtime.observe({ ...order.fitted, ...(adopted && { adopted }) }, seen);
  const allowed = { ...(await world.allowed(order.fitted)), ...(order.secrets && { secrets: order.secrets }) };
  return { observed, target: aim({ ...order, intent, allowed }, observed) };
}
