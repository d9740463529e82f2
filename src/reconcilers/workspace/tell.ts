import type { Fitted } from '../../model/fitted.ts';
import type { Intent } from '../../model/intent.ts';
import type { Observed } from '../../model/observed.ts';
import type { Cause } from '../../model/status.ts';
import type { FieldChange, Step } from '../../model/step.ts';
import type { EventLog } from '../../model/store.ts';
import type { UpdateOrder } from '../../model/update.ts';

/** The same log of events, where each of them says which pass it is of, what woke that, and what led to it. */
export function signed(events: EventLog, pass: string, trigger?: string): SignedLog {
  let because: Cause[] = [];
  return {
    ...events,
    emit: (event) =>
      events.emit({ pass, ...(trigger && { trigger }), ...(because.length > 0 && { because }), ...event }),
    ledBy: (causes) => {
      because = [...causes];
    },
  };
}
/** `ledBy`: what led to all that is told from here on. */
export type SignedLog = EventLog & { ledBy: (causes: readonly Cause[]) => void };

/** Event reasons, one per step. A contract, listed in docs/reference/events.md. */
export const stepReasons: Record<Step['op'], string> = {
  ensureImage: 'Pulled',
  ensureHome: 'HomeCreated',
  trashHome: 'HomeTrashed',
  create: 'Created',
  update: 'Updated',
  connect: 'Connected',
  disconnect: 'Disconnected',
  start: 'Started',
  stop: 'Stopped',
  pause: 'Paused',
  unpause: 'Unpaused',
  setAside: 'SetAside',
  restore: 'Restored',
  remove: 'Removed',
};

/** What was taken over of the files. */
export const tellSpec = (events: EventLog, { name, generation, changed }: Intent) =>
  events.emit({ name, type: 'Normal', reason: 'SpecChanged', message: `${changed?.what}; generation ${generation}` });

export const tellStep = (events: EventLog, name: string, step: Step) =>
  events.emit({ name, type: 'Normal', reason: stepReasons[step.op], message: step.why });

const instead = ({ field, from, to }: FieldChange): string => `${field}: ${from} instead of ${to}`;

export const driftText = (rows: readonly FieldChange[]): string => rows.map(instead).join(', ');

export const tellDrift = (events: EventLog, name: string, found: FieldChange[]) => {
  const rows = found.filter((change) => change.drift);
  if (rows.length === 0) return;
  events.emit({ name, type: 'Warning', reason: 'Drift', message: driftText(rows) });
};

/** Rows of fields that were not among what was known. */
export const beyond = (known: readonly FieldChange[] = [], found: readonly FieldChange[] = []): FieldChange[] =>
  found.filter(({ field }) => !known.some((row) => row.field === field));

type Ignored = { name: string; found: FieldChange[] | undefined; known: FieldChange[] | undefined };

/** Once for each field that hands begin to change: who changes one every minute has that left without a word. */
export const tellIgnored = (events: EventLog, { name, found, known }: Ignored) => {
  const rows = beyond(known, found);
  if (rows.length === 0) return;
  const message = `${rows.map(instead).join(', ')}; left as it is by drift.ignore`;
  events.emit({ name, type: 'Normal', reason: 'DriftIgnored', message });
};

export const tellAdopted = (events: EventLog, name: string, taken: { id: string; name: string }) => {
  const message = `container ${taken.name} (${taken.id.slice(0, 12)}), made by hand, is its own now, as it runs`;
  events.emit({ name, type: 'Normal', reason: 'Adopted', message });
};

/** Each copy is told once by each controller. */
export function makeTellCopies() {
  const told = new Set<string>();
  return (events: EventLog, name: string, copies: Observed['copies'] = []) => {
    for (const copy of copies.filter(({ id }) => !told.has(id))) {
      told.add(copy.id);
      const which = `container ${copy.name} (${copy.id.slice(0, 12)})`;
      const message = `${which} has its labels from an image of docker commit: not ours, left alone`;
      events.emit({ name, type: 'Warning', reason: 'CopyIgnored', message });
    }
  };
}

export const tellFailure = (events: EventLog, name: string, why: string) => {
  const message = `the changed container did not start: ${why}`;
  events.emit({ name, type: 'Warning', reason: 'RevisionFailed', message });
};

export const tellUpdate = (events: EventLog, name: string, update: UpdateOrder | undefined) => {
  const { outcome, message = '' } = update ?? {};
  if (outcome === 'updated') {
    events.emit({ name, type: 'Normal', reason: 'UpdateApplied', message: 'it runs with what waited for a restart' });
  } else if (outcome !== undefined) {
    const what = outcome === 'putBack' ? 'the container before it runs again' : 'nothing was changed';
    events.emit({ name, type: 'Warning', reason: 'UpdateGivenUp', message: `${message}; ${what}` });
  }
};

export const tellOom = (events: EventLog, { name, limits }: Pick<Fitted, 'name' | 'limits'>, count: number) => {
  const limitMi = Math.round(limits.memoryBytes / 2 ** 20);
  const message = `${count} process${count > 1 ? 'es' : ''} killed: out of memory at the limit of ${limitMi}Mi`;
  const evidence = { kills: count, limitBytes: limits.memoryBytes };
  events.emit({ name, type: 'Warning', reason: 'OOMKilled', message, evidence });
};
