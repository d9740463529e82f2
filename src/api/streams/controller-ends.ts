import { WorkdockError } from '../../lib/errors.ts';

/** For who waits for something that this controller will not live to give. */
export const controllerEnds = (): WorkdockError =>
  new WorkdockError('CONTROLLER_UNREACHABLE', 'the controller ends', { hint: 'try again when it is back' });
