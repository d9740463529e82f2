import { plain } from '../lib/plain-text.ts';
import type { FieldChange } from '../model/step.ts';

/** What a change does to whoever works in the workspace. */
const costs: Record<FieldChange['cost'], string> = {
  live: 'nothing, changed while it runs',
  nextStop: 'at next stop',
  recreate: 'a restart: the container is made anew, the home stays',
  whileDown: 'nothing, nobody is in it',
};

/** Nobody can tell an end by itself from a hand that stopped it. */
const whose = ({ field, from }: FieldChange): string =>
  field === 'state' && from === 'Stopped' ? '; ended by itself or by hand' : '; changed by hand';

/** What it means for somebody at work, where that is not what such a change costs in general. */
export function costText(change: FieldChange): string {
  const { field, to, cost: usual, drift } = change;
  if (field === 'container') return drift ? 'removed by hand' : 'made and started';
  if (drift) return `${costs[usual].split(/[,:]/)[0]}${whose(change)}`;
  if (field === 'state') return to === 'Stopped' ? 'its processes end' : to === 'Running' ? 'starts' : 'stands still';
  return costs[usual];
}

/** `resources.memory  4Gi -> 8Gi  (at next stop)`. */
export const changeText = (change: FieldChange): string => {
  const [before, after] = [change.from, change.to].map((text) => plain(text) || 'unset');
  return `${change.field}  ${before} -> ${after}  (${costText(change)})`;
};
