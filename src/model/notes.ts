import type { Log } from '../lib/log.ts';
import type { Desired, Limits } from './desired.ts';
import type { Fitted } from './fitted.ts';
import type { Lease } from './idle.ts';
import type { OwnersEnd } from './status.ts';
import type { EventLog } from './store.ts';

/** A workspace as far as notes in its home are about it; a Fitted has it all. */
export type Noted = Pick<Fitted, 'identity' | 'homeSource'> &
  Pick<Desired, 'name' | 'home' | 'env' | 'idle' | 'limits'>;

/** Processes that the kernel killed for want of memory while the workspace itself went on. */
export type OutOfMemory = {
  at: string;
  kills: number;
  limitBytes: number;
  /** What ran before and does not any more. */
  missing: string[];
};

/** What holds for one run of a workspace. */
export type About = {
  /** Another one for each run: who deleted the note has it again after a start. */
  run: string;
  /** As they are in force, which is not always as specified. */
  limits: Limits;
  lease?: Pick<Lease, 'until' | 'by'>;
};

/** Who tells something: what comes of it is told and logged in the same name. */
export type Voice = { events: Pick<EventLog, 'emit'>; log: Pick<Log, 'error'> };

/** What the owner of a home is told in it. */
export type News = { end?: OwnersEnd; outOfMemory?: OutOfMemory; about?: About };
