import type { LoopState } from '../model/loop.ts';

/** More than one workspace has its pass or waits for it, as when a lab is started: what can wait had better. */
export const isCrowded = ({ waiting, active }: LoopState): boolean =>
  active + waiting.change + waiting.event + waiting.resync > 1;
