import { plain } from '../lib/plain-text.ts';
import type { WorkspaceEvent } from '../model/status.ts';

/** What led to an event, nearest first: one line each. */
export const causeLines = ({ because = [] }: Pick<WorkspaceEvent, 'because'>): string[] =>
  because.map(({ reason, at, message }) => `${reason} at ${at}: ${plain(message)}`);

/** The same in words, and what woke the pass that did it. */
export const becauseLines = ({ trigger, ...event }: Pick<WorkspaceEvent, 'because' | 'trigger'>): string[] => [
  ...causeLines(event).map((line) => `because ${line}`),
  ...(trigger === undefined ? [] : [`woken by ${plain(trigger)}`]),
];
