import { age } from '../lib/age.ts';
import { plain } from '../lib/plain-text.ts';
import { table } from '../lib/table.ts';
import type { HeldList } from '../model/held.ts';
import type { WorkspaceStatus } from '../model/status.ts';

const words: Record<HeldList['kind'], string> = {
  removals: 'Removals, as no file declares these any more',
  disruptions: 'A change of the specs',
};

/** A held list for people: what, since when, why, each transition, and the command that lets it through. */
export function heldLines({ kind, hash, since, reason, items, along = [] }: HeldList, nowMs: number): string[] {
  const rows = items.map(({ name, what, detail }) => [name, what, detail]);
  return [
    `${words[kind]}: held since ${since} (${age(since, nowMs)})`,
    `  ${plain(reason)}`,
    ...(rows.length === 0 ? [] : ['', ...table(['NAME', 'WOULD', 'BECAUSE'], rows).map((line) => `  ${line}`)]),
    ...(along.length === 0 ? [] : ['', `  of the same change, and held with it: ${plain(along.join(' '))}`]),
    '',
    `  workdock approve ${hash}   lets exactly these through; taking the change back in the files ends it too`,
  ];
}

/** For verbs that go on with the spec in force, although a newer one is there. */
export const newerHeld = ({ name, held = [] }: WorkspaceStatus): string[] =>
  held.map(({ kind, hash }) => {
    const what = kind === 'removals' ? 'its removal is held' : 'a newer spec of it is held, the one in force is used';
    return `workdock: ${name}: ${what}; workdock approve ${hash}`;
  });
