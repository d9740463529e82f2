import type { Clock } from '../../lib/clock.ts';
import type { Declaration, Desired } from '../../model/desired.ts';
import type { Capabilities, Fitted } from '../../model/fitted.ts';
import type { HeldNote } from '../../model/held.ts';
import type { IdleView } from '../../model/idle.ts';
import type { News, Noted, Voice } from '../../model/notes.ts';
import type { Container } from '../../model/observed.ts';
import type { Absence } from '../../model/removal.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { DriftOutcome, FieldChange } from '../../model/step.ts';
import type { EventLog, IntentStore, StatusStore } from '../../model/store.ts';
import type { Block, HoldReason } from '../../model/target.ts';
import type { Allowed } from './aim.ts';
import type { CrashLoop } from './crash-loop.ts';
import type { Ends } from './ends.ts';
import type { Allotment } from './fit.ts';
import type { OomWatch } from './oom.ts';

/** `endsInMs`: it ends by itself after this time. */
export type Hold = { reason: HoldReason; message: string; endsInMs?: number };

/** What the rest of the controller knows; read anew in every pass. */
export type World = {
  settled: () => boolean;
  declaration: (name: string) => Declaration | undefined;
  /** Whether it may be taken over; else what was accepted last stays in force. */
  mayAccept: (declaration: Extract<Declaration, { kind: 'valid' }>) => boolean;
  /** What is held of it until a person lets it through. */
  held: (name: string) => HeldNote[];
  /** The name under which this workspace is to go on, or does already with something left to finish. */
  renamedTo: (name: string) => string | undefined;
  /** A pass over the name is on its way. */
  inFlight: (name: string) => boolean;
  /** The address of a name becomes that of another. Fsynced. */
  moveAddress: (from: string, to: string) => Promise<void>;
  /** Suspension of everything, another instance's workspace, a missing data folder. */
  holds: (desired: Desired | undefined) => Hold[];
  /** What holds of a name that no file declares; undefined when one does, or nothing was judged yet. */
  absence: (name: string) => Absence | undefined;
  /** Another workspace uses its home, or wants to. */
  homeOfOthers: (desired: Desired) => boolean;
  /** Undefined until the engine was probed. */
  capabilities: () => Capabilities | undefined;
  /** Numbers and places of this host. A secret that cannot be read is a block, not an error. */
  allot: (desired: Desired) => Promise<{ allotment: Allotment; secrets?: Block }>;
  /** The host's word right before a create or a start. */
  allowed: (fitted: Fitted) => Promise<Allowed>;
};

/** Who watches for idleness: told what a pass saw, asked what the status is to show. */
export type IdleWatch = {
  see: (name: string, sight: { current: Container | undefined; fitted?: Fitted; held?: string }) => void;
  view: (name: string) => IdleView | undefined;
};

export type Deps = {
  runtime: Runtime;
  world: World;
  intents: IntentStore;
  status: StatusStore;
  events: EventLog;
  clock: Clock;
  crashLoop: CrashLoop;
  oom: OomWatch;
  ends: Ends;
  /** The person whose workspace it is hears of an end, and of what holds for it now. Never throws. */
  tellOwner: (noted: Noted, news: News, by: Voice) => void;
  idle: IdleWatch;
  /** Told of drift once: when it is gone, or when it is found and left. Must not throw. */
  onDrift: (found: readonly FieldChange[], outcome: DriftOutcome) => void;
};
