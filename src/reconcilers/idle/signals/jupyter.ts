import { evidence, type Signal, unreadable } from './signal.ts';

/**
 * A kernel that computes, with or without a browser. Times that Jupyter keeps are not asked: forgotten tabs move them,
 * and a silent loop does not. It is a program of the user's and asked last, when everything else is quiet.
 */
export const jupyter: Signal = (context) => {
  const { kernels: reading } = context.glance.readings;
  if (!reading) return evidence('jupyter', context, { value: 'not asked: something else is', keepsAwake: 'no' });
  if (!reading.ok) return unreadable('jupyter', context, reading.message);
  const { servers, kernels, busy } = reading.value;
  const value = servers === 0 ? 'no server' : `${busy} of ${kernels} kernels busy`;
  return evidence('jupyter', context, { value, threshold: 'none busy', keepsAwake: busy > 0 ? 'yes' : 'no' });
};
