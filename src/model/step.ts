import type { Limits } from './desired.ts';
import type { Fitted } from './fitted.ts';

/** Stands for the container that an earlier step of the same plan will make; never reaches the engine. */
export const TO_BE_CREATED = '(to be created)';

/** One engine call as plain data: a plan can be printed, stored, diffed and replayed. `why` is shown to people. */
export type Step =
  | { op: 'ensureImage'; ref: string; why: string }
  | { op: 'ensureHome'; fitted: Fitted; why: string }
  /** Only of a home that is a folder of the data folder, and when no container is left. `at`: for its new name. */
  | { op: 'trashHome'; fitted: Fitted; at: string; why: string }
  | { op: 'create'; fitted: Fitted; generation: number; why: string }
  /** What is not named in `limits` stays as it is. */
  | { op: 'update'; id: string; limits: Partial<Limits>; why: string }
  | { op: 'connect'; id: string; fitted: Fitted; why: string }
  | { op: 'disconnect'; id: string; network: string; why: string }
  | { op: 'start'; id: string; fitted: Fitted; why: string }
  | { op: 'stop'; id: string; graceSeconds: number; why: string }
  | { op: 'pause'; id: string; why: string }
  | { op: 'unpause'; id: string; why: string }
  | { op: 'setAside'; id: string; generation: number; why: string }
  /** Gives a set-aside or stray container its proper name back. */
  | { op: 'restore'; id: string; why: string }
  | { op: 'remove'; id: string; why: string };

/** What a change of one field would cost, for `plan` and UpdatePending. */
export type FieldChange = {
  field: string;
  from: string;
  to: string;
  /**
   * - `restart`: its processes end and begin anew; `recreate`: so does all that is in the container alone.
   * - `whileDown`: by the last status nobody is in it, and it is not started for this.
   */
  cost: 'live' | 'nextStop' | 'restart' | 'recreate' | 'whileDown';
  /** True when the engine differs although neither spec nor target changed: somebody's hands. */
  drift: boolean;
};

/** What became of drift: it is as wanted again, or it was found and left, or it is left to hands by `drift.ignore`. */
export const driftOutcomes = ['healed', 'reported', 'ignored'] as const;
export type DriftOutcome = (typeof driftOutcomes)[number];
