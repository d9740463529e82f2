import { plain } from '../lib/plain-text.ts';
import type { FieldChange } from '../model/step.ts';

/** What a change does to whoever works in the workspace. */
const costs: Record<FieldChange['cost'], string> = {
  live: 'nothing, changed while it runs',
  nextStop: 'at next stop',
  recreate: 'a restart: the container is made anew, the home stays',
};

/** `resources.memory  4Gi -> 8Gi  (at next stop)`. */
export const changeText = ({ field, from, to, cost, drift }: FieldChange): string =>
  `${field}  ${plain(from)} -> ${plain(to)}  (${costs[cost]}${drift ? '; changed by hand' : ''})`;
