import type { Observed } from '../../model/observed.ts';
import type { Step } from '../../model/step.ts';
import type { Target } from '../../model/target.ts';
import { predict } from './predict.ts';
import { asideRule, nameRule, strayRule } from './rules/leftovers.ts';
import { liveRule } from './rules/live.ts';
import { presenceRule } from './rules/presence.ts';
import { replaceRule, rollBackRule } from './rules/replace.ts';
import { runRule, stopRule } from './rules/run.ts';

/** A rule looks at one concern: the step it wants now, `wait` when its concern forbids any further step, or nothing. */
export type Rule = (target: Target, observed: Observed) => Step | 'wait' | undefined;

/** In order of precedence: one container per home first, then the right one, then its settings, then its run state. */
const rules: Rule[] = [
  nameRule,
  strayRule,
  rollBackRule,
  asideRule,
  stopRule,
  replaceRule,
  presenceRule,
  liveRule,
  runRule,
];

/** A plan is never longer; reaching it would mean two rules that undo each other. */
export const MAX_STEPS = 12;

function next(target: Target, observed: Observed): Step | undefined {
  const all = [observed.current, observed.aside, ...observed.strays];
  // Somebody else's container under our name is never touched; a removal in progress ends by itself.
  if (observed.taken || all.some((c) => c?.state === 'removing')) return undefined;
  for (const rule of rules) {
    const step = rule(target, observed);
    if (step === 'wait') return undefined;
    if (step) return step;
  }
  return undefined;
}

/** Steps that turn `observed` into `target`. Pure: same input, same plan. An empty plan means converged or waiting. */
export function plan(target: Target, observed: Observed): Step[] {
  const steps: Step[] = [];
  let world = observed;
  for (let step = next(target, world); step && steps.length < MAX_STEPS; step = next(target, world)) {
    steps.push(step);
    world = predict(world, step);
  }
  return steps;
}
