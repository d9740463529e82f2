import { bytesText } from '../../lib/bytes.ts';
import { plain } from '../../lib/plain-text.ts';
import type { Desired, HomePlace } from '../../model/desired.ts';
import type { Disruption, HeldItem } from '../../model/held.ts';
import { revisionFields } from '../workspace/revision.ts';

/** What one change of the sources asks of one workspace. `waits`: an earlier update does, for its next stop. */
export type Change = { name: string; before: Desired; after: Desired; waits: boolean };

const MOST_FIELDS = 3;
const MOST_VALUE = 40;

/**
 * What the change does to whoever works there, now or at the next stop; undefined when it ends and takes nothing. Seen
 * from the specs alone, so that it is the same whoever runs; but what was to come with a stop of their own choice
 * disrupts anew when it is to come at once.
 */
export function disruptionOf({ before, after, waits }: Omit<Change, 'name'>): Omit<HeldItem, 'name'> | undefined {
  const ends = before.state !== 'Stopped' && after.state === 'Stopped';
  const stops = ends ? [text('state', before.state, after.state)] : [];
  const less = shrunk(before, after);
  const atOnce = waits && before.updatePolicy === 'OnStop' && after.updatePolicy === 'Now';
  const early = atOnce ? [`${text('updatePolicy', 'OnStop', 'Now')}, with an update waiting`] : [];
  const anew = [...recreated(before, after), ...early];
  const what = stops[0] ? 'stop' : anew[0] ? 'recreate' : less[0] ? 'shrink' : undefined;
  return what && { what, detail: fewOf([...stops, ...less, ...anew]) };
}

function shrunk({ limits: was }: Desired, { limits: is }: Desired): string[] {
  const rows: [string, number, number, (value: number) => string][] = [
    ['memory', was.memoryBytes, is.memoryBytes, bytesText],
    ['cpu', was.nanoCpus, is.nanoCpus, (nano) => `${nano / 1e9}`],
    ['pids', was.pids, is.pids, String],
  ];
  return rows.filter(([, from, to]) => to < from).map(([field, from, to, say]) => text(field, say(from), say(to)));
}

function recreated(before: Desired, after: Desired): string[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return fields
    .filter((field) => was[field] !== is[field])
    .map((field) => text(short(field), said(field, was[field]), said(field, is[field])));
}

const short = (field: string) => field.replace(/^(?:resources|user|security)\./, '');
const said = (field: string, value: string | undefined) =>
  field === 'resources.shm' && value ? bytesText(Number(value)) : (value?.trim() ?? '');

/** What the spec hash covers, as far as a spec tells it: numbers and folders of the host follow from owner and home. */
const fieldsOf = (desired: Desired): Record<string, string> =>
  revisionFields({
    ...desired,
    ...{ identity: { uid: 0, gid: 0, groups: [] }, homeSource: sourceOf(desired.home.place), envFromDigest: '' },
    ...{ networkName: null, address: null },
  });

const sourceOf = (place: HomePlace): string =>
  place.kind === 'folder' ? place.name : place.kind === 'path' ? place.path : place.volume;

const cut = (value: string) => (value.length > MOST_VALUE ? `${value.slice(0, MOST_VALUE - 1)}…` : value);
const text = (field: string, from: string, to: string) =>
  cut(from) === cut(to) ? `${field} changed` : plain(`${field} ${cut(from) || 'unset'} -> ${cut(to) || 'unset'}`);

function fewOf(texts: string[]): string {
  const more = texts.length - MOST_FIELDS;
  return [...texts.slice(0, MOST_FIELDS), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

const done: Record<Disruption, string> = {
  ...{ stop: 'stopped', recreate: 'recreated', shrink: 'shrunk', remove: 'removed' },
};

/** Why so many are held, with the numbers. `by`: where the change is from. */
export function reasonOf(
  counted: readonly Pick<HeldItem, 'what'>[],
  { running, most, by }: { running: number; most: number; by: string },
): string {
  const kinds = [...Map.groupBy(counted, ({ what }) => what)].map(([what, all]) => ({ what, count: all.length }));
  const [only, ...others] = kinds;
  const parts = kinds.map(({ what, count }) => `${count} ${done[what]}`).join(', ');
  const fate = only && others.length === 0 ? done[only.what] : `disrupted (${parts})`;
  const of = `${counted.length} of ${running} running workspace${running === 1 ? '' : 's'}`;
  return `${of} would be ${fate} by ${by}; more than ${most} at once wait for approval`;
}
