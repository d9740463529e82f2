import { age, shortSpan } from '../lib/age.ts';
import type { Row } from '../lib/table.ts';
import type { Evidence, Verdict } from '../model/idle.ts';
import type { WorkspaceStatus } from '../model/status.ts';

type Times = Pick<WorkspaceStatus, 'idleSince' | 'restsAt' | 'lease'>;

/** Since when it is quiet: `12m`. */
export const idleCell = ({ idleSince }: Times, nowMs: number): string =>
  idleSince === undefined ? '-' : age(idleSince, nowMs);

/** When it rests: `18m`, or how long a lease holds that off: `kept 1h59m`. */
export function restsCell({ restsAt, lease }: Times, nowMs: number): string {
  if (lease) return `kept ${until(lease.until, nowMs)}`;
  return restsAt === undefined ? '-' : until(restsAt, nowMs);
}

const until = (at: string, nowMs: number) => shortSpan((Date.parse(at) - nowMs) / 1_000);

export const EVIDENCE = ['SIGNAL', 'AWAKE', 'LAST', 'QUIET IS', 'VALUE'];

/** One row for each signal; LAST: how long ago it last kept the workspace awake, in time that was watched. */
export const evidenceRows = ({ evidence }: Pick<Verdict, 'evidence'>): Row[] =>
  evidence.map(({ signal, keepsAwake, value, threshold, ageMs }: Evidence) => [
    ...[signal, keepsAwake, ageMs === null ? '-' : shortSpan(ageMs / 1_000), threshold === '' ? '-' : threshold, value],
  ]);
