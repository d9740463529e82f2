import { digest } from '../../lib/json.ts';
import type { HeldList } from '../../model/held.ts';

/** So many at once are always free: in a lab of five a share would hold everything. */
const FREE = 2;

/** How many of `of` may go at once without approval. A share of 1 switches that off. */
export const mostAtOnce = (share: number, of: number): number =>
  // 0.29 * 100 is a little less than 29.
  share >= 1 ? Infinity : Math.max(FREE, Math.floor(share * of + 1e-9));

/** Names a list of transitions: another one when any of them is. Whoever approves it approves these. */
export const listHash = (kind: HeldList['kind'], transitions: unknown): string =>
  digest([kind, transitions]).slice(0, 12);
