import type { Container } from '../../../model/observed.ts';
import type { Step } from '../../../model/step.ts';
import type { Target } from '../../../model/target.ts';
import { isUp } from '../facts.ts';

/** The step towards a stopped `c`, or undefined when it is. A frozen process cannot act on a signal, so it thaws first. */
export function stopped(target: Target, c: Container, why: string): Step | undefined {
  if (!isUp(c)) return undefined;
  if (c.state === 'paused') return { op: 'unpause', id: c.id, why };
  return { op: 'stop', id: c.id, graceSeconds: target.fitted.stopGraceSeconds, why };
}
