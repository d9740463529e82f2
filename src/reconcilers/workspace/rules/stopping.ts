import type { Container } from '../../../model/observed.ts';
import type { Step } from '../../../model/step.ts';
import type { Target } from '../../../model/target.ts';
import { isUp } from '../facts.ts';

/**
 * The step towards a stopped `c`, or undefined when it is. A frozen one is not thawed first, that would be another
 * running container: Docker 20.10 keeps TERM for it, thaws it and waits the grace (measured).
 */
export function stopped(target: Target, c: Container, why: string): Step | undefined {
  if (!isUp(c)) return undefined;
  return { op: 'stop', id: c.id, graceSeconds: target.fitted.stopGraceSeconds, why };
}
