import { toTheSecond } from '../lib/moment.ts';

/** Why a workspace without a file is as it is. A contract, listed in docs/reference/conditions.md. */
export const absenceReasons = [
  'InGrace',
  'Held',
  'Protected',
  'Suspended',
  'Unclear',
  'AwaitsRemoval',
  'Removing',
  'NoFile',
] as const;
export type AbsenceReason = (typeof absenceReasons)[number];

/** What holds of a workspace that no file declares, and what happens next, in a sentence. */
export type Absence = { reason: AbsenceReason; message: string };

/** Since when nobody declares it, and which commit took it away. */
export const goneText = ({ since, from }: { since: string; from?: string | undefined }): string =>
  `no file declares it since ${toTheSecond(since)}${from === undefined ? '' : ` (${from})`}`;

/** Why nobody can say who is missing; `unnamed`: places where a name may stand that cannot be read, one at least. */
export function unreadText([first, ...more]: readonly string[]): string {
  const where = more.length > 0 ? `${first} and ${more.length} more places` : first;
  return `it may stand in ${where}, where no name can be read: mend or remove that`;
}
