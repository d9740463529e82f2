import { shortSpan } from '../../../lib/age.ts';
import { evidence, type Signal } from './signal.ts';

/** Somebody asked to keep it: `workdock keep`, or `~/.workdock/keep` in its home. */
export const lease: Signal = (context) => {
  const { leaseLeftMs } = context.glance;
  const value = leaseLeftMs > 0 ? `ends in ${shortSpan(leaseLeftMs / 1_000)}` : 'none';
  return evidence('lease', context, { value, keepsAwake: leaseLeftMs > 0 ? 'yes' : 'no' });
};
