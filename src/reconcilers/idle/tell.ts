import { shortSpan } from '../../lib/age.ts';
import { durationText } from '../../lib/duration.ts';
import type { Evidence, Lease } from '../../model/idle.ts';
import type { EventLog } from '../../model/store.ts';
import type { Judgement } from './verdict.ts';

const SECOND_MS = 1_000;

type To = { events: EventLog; name: string };

/** What each signal said, on one line, for marks and messages. */
export const evidenceText = (evidence: Evidence[]): string =>
  evidence.map(({ signal, value }) => `${signal} ${value}`).join(', ');

const facts = ({ evidence, quietMs }: Judgement) => ({ quietMs, signals: evidence });

export function tellRested({ events, name }: To, found: Judgement, why: string): void {
  events.emit({ name, type: 'Normal', reason: 'Rested', message: why, evidence: facts(found) });
}

/** Once for each quiet stretch. */
export function tellWouldStop({ events, name }: To, found: Judgement): void {
  const quiet = shortSpan(found.quietMs / 1_000);
  const signals = evidenceText(found.evidence);
  const message = `quiet for ${quiet}: with idle.mode Enforce it would be put to rest now (${signals})`;
  events.emit({ name, type: 'Normal', reason: 'WouldStop', message, evidence: facts(found) });
}

/** Once until it can be read again. */
export function tellKeptAwake({ events, name }: To, found: Judgement): void {
  const signals = found.unknown.map(({ signal, value }) => `${signal} ${value}`).join('; ');
  const message = `${signals}; what cannot be read is not taken for quiet, so it stays awake`;
  events.emit({ name, type: 'Warning', reason: 'KeptAwake', message, evidence: facts(found) });
}

const whose = ({ by }: Pick<Lease, 'by'>) => (by === 'file' ? '~/.workdock/keep' : 'a person');

export function tellLeaseSet({ events, name }: To, lease: Lease): void {
  const spanMs = Date.parse(lease.until) - Date.parse(lease.at);
  const span = durationText(Math.round(spanMs / SECOND_MS) * SECOND_MS);
  const message = `kept awake for ${span}, until ${lease.until}, by ${whose(lease)}`;
  events.emit({ name, type: 'Normal', reason: 'LeaseSet', message });
}

export function tellLeaseEnded({ events, name }: To, lease: Lease, why: string): void {
  events.emit({ name, type: 'Normal', reason: 'LeaseEnded', message: `the lease by ${whose(lease)} ended: ${why}` });
}
