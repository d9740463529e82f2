import { plain } from '../lib/plain-text.ts';
import type { WorkspaceEvent } from '../model/status.ts';

/** What led to an event, nearest first, and what woke the pass that did it: one line each. */
export const becauseLines = ({ because = [], trigger }: Pick<WorkspaceEvent, 'because' | 'trigger'>): string[] => [
  ...because.map(({ reason, at, message }) => `because ${reason} at ${at}: ${plain(message)}`),
  ...(trigger === undefined ? [] : [`woken by ${plain(trigger)}`]),
];
