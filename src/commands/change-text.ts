import { plain } from '../lib/plain-text.ts';
import type { FieldChange } from '../model/step.ts';

/** What a change does to whoever works in the workspace. */
const costs: Record<FieldChange['cost'], string> = {
  live: 'nothing, changed while it runs',
  nextStop: 'at next stop',
  recreate: 'a restart: the container is made anew, the home stays',
};

/** Nobody can tell an end by itself from a hand that stopped it. */
const whose = ({ field, from }: FieldChange): string =>
  field === 'state' && from === 'Stopped' ? '; ended by itself or by hand' : '; changed by hand';

/** `resources.memory  4Gi -> 8Gi  (at next stop)`. */
export const changeText = (change: FieldChange): string => {
  const { field, from, to, cost, drift } = change;
  const [before, after] = [from, to].map((text) => plain(text) || 'unset');
  return `${field}  ${before} -> ${after}  (${drift ? costs[cost].split(/[,:]/)[0] + whose(change) : costs[cost]})`;
};
