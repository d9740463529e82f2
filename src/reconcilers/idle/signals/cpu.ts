import { growth } from './growth.ts';
import type { Signal } from './signal.ts';

const NS_PER_MS = 1e6;
/** A computation on a crowded host may lack so much. The init of the engine wakes once a second, for far less. */
const STARVED = 20;

/** `3.1 %`, `96 %`: one decimal while it is small. */
export const percentText = (share: number): string => {
  const percent = share * 100;
  return `${percent < 9.95 ? Math.round(percent * 10) / 10 : Math.round(percent)} %`;
};

/**
 * CPU time of all its processes, as a share of one core. Measured floors: an idle Jupyter 0.1 %, a code-server with a
 * forgotten tab 3.5 %; a silent computation about 100 %.
 */
export const cpu: Signal = (context) => {
  const { policy, cpuLimit, glance } = context;
  const { cpuNs, wantsCpu } = glance.readings;
  // Of a limit below the threshold a computation could never get there.
  const share = Math.min(policy.cpuBelow, cpuLimit / 2);
  const found = growth(context, {
    signal: 'cpu',
    reading: cpuNs,
    base: context.base?.cpuNs,
    perMs: (wantsCpu ? share / STARVED : share) * NS_PER_MS,
    rateText: (nsPerMs) => `${percentText(nsPerMs / NS_PER_MS)} of a core`,
    amountText: (ns) => `${Math.round(ns / 1e7) / 100} s of CPU time`,
  });
  // In the value, which is what people are told as the reason.
  if (!wantsCpu || found.threshold === '') return found;
  return { ...found, value: `${found.value}, and it waits for a CPU: the host is crowded` };
};
