import type { Clock } from '../../lib/clock.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { Lease } from '../../model/idle.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { EventLog, IdleMemories, IntentStore, StatusStore } from '../../model/store.ts';
import type { Activity } from '../../model/stream.ts';
import type { World } from '../workspace/world.ts';

type Say = (facts: object, message: string) => void;
/** What is needed of a logger; pino fits. */
export type IdleLog = { warn: Say; error: Say };

/** What watching for idleness needs of the rest. */
export type IdleDeps = {
  runtime: Pick<Runtime, 'observe' | 'readSignals' | 'tellTerminals'>;
  world: Pick<World, 'settled' | 'declaration' | 'holds'>;
  intents: IntentStore;
  status: StatusStore;
  events: EventLog;
  memories: IdleMemories;
  activity: Pick<Activity, 'of'>;
  /** What `~/.workdock/keep` of a home asks for; undefined = there is none. */
  leaseFromHome: (fitted: Fitted) => Promise<Lease | undefined>;
  clock: Clock;
  log: IdleLog;
  intervalMs: number;
  maxKeepMs: number;
  /** An idle mark was written: the controller looks at it. */
  changed: (name: string, trigger: string) => void;
  /** Something that the status shows is new. */
  news: (name: string, trigger: string) => void;
};
