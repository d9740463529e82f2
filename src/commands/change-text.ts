import { plain } from '../lib/plain-text.ts';
import type { PlannedChange } from '../model/service.ts';
import type { FieldChange } from '../model/step.ts';

/** What a change does to whoever works in the workspace. */
const costs: Record<PlannedChange['cost'], string> = {
  live: 'nothing, changed while it runs',
  nextStop: 'at next stop',
  restart: 'a restart: what runs ends, the container stays',
  recreate: 'a restart: the container is made anew, the home stays',
  whileDown: 'nothing, nobody is in it',
};

/** Nobody can tell an end by itself from a hand that stopped it. */
const whose = ({ field, from }: PlannedChange): string =>
  field === 'state' && from === 'Stopped' ? '; ended by itself or by hand' : '; changed by hand';

function runs(from: string, to: string): string {
  if (to === 'Stopped') return 'its processes end';
  if (to === 'Frozen') return 'stands still';
  return from === 'Frozen' ? 'goes on' : 'starts';
}

/** What it means for somebody at work, where that is not what such a change costs in general. */
export function costText(change: PlannedChange): string {
  const { field, from, to, cost: usual, drift } = change;
  if (field === 'name') return 'nothing: its home and container go on';
  if (field === 'container' && to === 'absent') return 'stopped, and later removed; not at once';
  if (field === 'container' && usual === 'live') return 'the same container, no restart';
  if (field === 'container') return drift ? 'removed by hand' : 'made and started';
  if (field === 'state') return `${runs(from, to)}${drift ? whose(change) : ''}`;
  if (drift) return `${costs[usual].split(/[,:]/)[0]}${whose(change)}`;
  return costs[usual];
}

/** `resources.memory  4Gi -> 8Gi  (at next stop)  ada.yaml:7`. */
export const changeText = (change: PlannedChange): string => {
  const [before, after] = [change.from, change.to].map((text) => plain(text) || 'unset');
  const where = change.origin === undefined ? '' : `  ${plain(change.origin)}`;
  return `${change.field}  ${before} -> ${after}  (${costText(change)})${where}`;
};

/** `resources.memory  256Mi instead of 128Mi  (changed by hand, ignored by drift.ignore)`. */
export const ignoredText = ({ field, from, to }: FieldChange): string =>
  `${field}  ${plain(from) || 'unset'} instead of ${plain(to) || 'unset'}  (changed by hand, ignored by drift.ignore)`;
