import type { SourceRef } from './desired.ts';

/** What one transition would do to a workspace. */
export type Disruption = 'remove' | 'stop' | 'shrink' | 'recreate';

/** One line of a held list. `detail` is for people: `memory 8Gi -> 4Gi`, `no file declares it since 12:00`. */
export type HeldItem = { name: string; what: Disruption; detail: string };

/** Transitions that wait together until a person lets exactly these through, or the files take them back. */
export type HeldList = {
  kind: 'removals' | 'disruptions';
  /** Of the list: 12 hex digits that are others when anything in it is. What `approve` takes. */
  hash: string;
  since: string;
  /** Why it is held, with its numbers: `60 of 100 workspaces would be removed within 10m; more than 20 are held`. */
  reason: string;
  items: HeldItem[];
  /** Names whose change ends nothing, and is held all the same because it is part of the same one. */
  along?: string[];
};

/** What is held of one workspace, in its status. */
export type HeldNote = Pick<HeldList, 'kind' | 'hash' | 'since' | 'reason'> & {
  /** Absent when its own change ends nothing. */
  what?: Disruption;
  detail: string;
  /** The spec that is held; the status's own `source` is the one in force. */
  source?: SourceRef;
};

export const noteOf = ({ kind, hash, since, reason, items, along = [] }: HeldList, name: string): HeldNote[] => {
  const list = { kind, hash, since, reason };
  const item = items.find((each) => each.name === name);
  if (item) return [{ ...list, what: item.what, detail: item.detail }];
  return along.includes(name) ? [{ ...list, detail: 'a change that is part of a larger one' }] : [];
};

export const isShown = ({ items, along = [] }: HeldList): boolean => items.length + along.length > 0;

/** What one workspace waits for: the command first, because tables cut their last column. */
export const heldText = ({ detail, reason, hash }: Pick<HeldNote, 'detail' | 'reason' | 'hash'>): string =>
  `held until workdock approve ${hash}: ${detail}; ${reason}`;

/** What `approve` came to. `already`: it was let through before, and nothing more had to be done. */
export type Approved = Pick<HeldList, 'kind' | 'hash'> & { outcome: 'approved' | 'already'; names: string[] };
