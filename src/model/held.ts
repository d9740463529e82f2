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
};
