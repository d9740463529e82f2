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
