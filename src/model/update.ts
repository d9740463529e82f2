import type { WorkspaceStatus } from './status.ts';
import type { FieldChange } from './step.ts';

/**
 * An update that somebody asked for in its turn (`restart --pending`), and what became of it. It carries its own way
 * back: what does not run by `readyBy` is put back by the controller, whatever became of whoever asked.
 */
export type UpdateOrder = {
  at: string;
  readyBy: string;
  /**
   * - `updated`: it runs anew, and has stayed up.
   * - `putBack`: it did not; the container before it runs again.
   * - `givenUp`: nothing came of it; the message says why. What ran goes on.
   */
  outcome?: 'updated' | 'putBack' | 'givenUp';
  /** Why it was not updated. */
  message?: string;
};

/** What the controller answers to somebody who asks for the update of one workspace in its turn. */
export type UpdateReply = { name: string; status: WorkspaceStatus } & (
  | { outcome: 'asked'; order: UpdateOrder }
  | { outcome: 'upToDate' }
  /** It is down: its next start takes the update, and nobody wakes it for that. */
  | { outcome: 'atNextStart' }
  /** As many as `limits.disruptions` allows are on their way. */
  | { outcome: 'later'; onTheirWay: string[] }
);

const text = ({ field, from, to }: FieldChange) => `${field} ${from || 'unset'} -> ${to || 'unset'}`;

/** What a restart would take along, in words; empty when there is nothing. */
export function waitingFor({ pending, conditions }: WorkspaceStatus): string[] {
  const newer = conditions.some(({ type, status }) => type === 'UpdateAvailable' && status === 'True');
  return [...taken(pending), ...(newer ? [NEWER] : [])];
}

/** Of what differs, what a restart takes along. */
export const taken = (changes: readonly FieldChange[]): string[] =>
  changes
    .filter(({ cost, drift, field }) => cost !== 'live' && !drift && field !== 'state' && field !== 'container')
    .map(text);

export const NEWER = 'a newer image of its tag';

/** Its last try of this very update did not start. */
export const failedBefore = ({ conditions }: WorkspaceStatus): boolean =>
  conditions.some(({ type, status, reason }) => type === 'Degraded' && status === 'True' && reason === 'RolledBack');
