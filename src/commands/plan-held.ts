import { plain } from '../lib/plain-text.ts';
import type { Config } from '../model/config.ts';
import type { Desired, SourceRef } from '../model/desired.ts';
import { type HeldList, noteOf } from '../model/held.ts';
import { isTakenBy } from '../model/instance.ts';
import type { PlanRow } from '../model/service.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import type { Before } from './plan-compare.ts';

/** A change of files as a whole, against what is in force. */
export type Foreseen = {
  changes: { name: string; before: Desired; after: Desired; source: SourceRef }[];
  /** In force, and in none of the files any more. */
  gone: Desired[];
  /** Names that the files declare. */
  declared: number;
  config: Config;
  running: { count: number; runs: (name: string) => boolean; waits: (name: string) => boolean };
};

/** Which lists of it would wait for a person. */
export type Foresee = (change: Foreseen) => HeldList[];

const down = ['Resting', 'Held', 'Stopped', 'Elsewhere', 'Pending', 'Failed'];

/**
 * Who runs and has an update waiting, by the last status; without one everybody who is to, and nobody. `former`:
 * names to those that they had before.
 */
export function runningBy(
  statuses: readonly WorkspaceStatus[] | undefined,
  before: Before,
  { config, former }: { config: Pick<Config, 'instance'>; former: ReadonlyMap<string, string> },
): Foreseen['running'] {
  const phases = new Map(statuses?.map(({ name, phase }) => [name, phase]));
  const running = [...before.values()].flatMap(({ desired }) => {
    const phase = phases.get(desired.name);
    const runs = phase === undefined ? desired.state === 'Running' : !down.includes(phase);
    return runs && isTakenBy(desired, config.instance) ? [desired.name] : [];
  });
  const names = new Set(running);
  const waiting = new Set(
    (statuses ?? []).filter(({ pending }) => pending.some(({ cost }) => cost === 'nextStop')).map(({ name }) => name),
  );
  return {
    count: names.size,
    runs: (name) => names.has(former.get(name) ?? name),
    waits: (name) => waiting.has(former.get(name) ?? name),
  };
}

/** The rows with what would be held of each. */
export const withHeld = (rows: readonly PlanRow[], lists: readonly HeldList[]): PlanRow[] =>
  rows.map((row) => {
    const held = lists.flatMap((list) => noteOf(list, row.name));
    const [first] = held;
    if (!first) return row;
    const why = `would be held: ${first.reason}`;
    return { ...row, held, waitsFor: row.waitsFor === undefined ? why : `${row.waitsFor}; ${why}` };
  });

const APPROVE =
  'once these files are in force, `workdock approve` lists it and lets it through; new workspaces start meanwhile';

/** Below a plan of files: which of it would not be done without a person's word. */
export const foreseenLines = ({ reason, items, along = [] }: HeldList): string[] => [
  `would be held as a whole: ${plain(reason)}`,
  ...[...Map.groupBy(items, ({ what }) => what)].map(
    ([what, of]) => `  ${what}: ${of.map(({ name }) => name).join(' ')}`,
  ),
  ...(along.length === 0 ? [] : [`  held with it: ${along.join(' ')}`]),
  `  ${APPROVE}`,
];

/** The same in a comment, of lists that are held or would be; `code` makes text that cannot be markup. */
export const foreseenMarkdown = (lists: readonly HeldList[], code: (text: string) => string): string[] =>
  lists.flatMap(({ hash, reason, items, along = [] }) => [
    '',
    `**${hash === '' ? 'Would be held' : 'Held'} as a whole**, until a person approves it: ${code(reason)}.`,
    '',
    ...items.map(({ name, what, detail }) => `- ${code(name)}: ${what}, ${code(detail)}`),
    ...along.map((name) => `- ${code(name)}: held with it`),
    '',
    hash === '' ? `${APPROVE[0]!.toUpperCase()}${APPROVE.slice(1)}.` : `\`workdock approve ${hash}\` lets it through.`,
  ]);
