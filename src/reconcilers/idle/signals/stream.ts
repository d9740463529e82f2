import { evidence, type Signal } from './signal.ts';

/**
 * Input through our own `exec` and `shell`, or a new one. One that is open and silent does not count: who walked away
 * from a shell does not need it.
 */
export const stream: Signal = (context) => {
  const { streams } = context.glance;
  const { previousAtMs, previousStreams } = context;
  const typed = streams.lastInputMs !== undefined && streams.lastInputMs > (previousAtMs ?? Number.NEGATIVE_INFINITY);
  const opened = streams.open > previousStreams;
  const open = streams.open === 0 ? 'none open' : `${streams.open} open`;
  if (typed) return evidence('stream', context, { value: `${open}, input`, keepsAwake: 'yes' });
  if (opened) return evidence('stream', context, { value: `${open}, a new one`, keepsAwake: 'yes' });
  const value = streams.open === 0 ? open : `${open}, silent`;
  return evidence('stream', context, { value, keepsAwake: 'no' });
};
