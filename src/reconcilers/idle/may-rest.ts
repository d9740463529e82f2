import { sameJson } from '../../lib/json.ts';
import type { Declaration, Desired } from '../../model/desired.ts';
import type { Intent } from '../../model/intent.ts';
import type { WorkspaceStatus } from '../../model/status.ts';
import { decide } from '../workspace/decide.ts';
import { holdsOf, tombstoneOf } from '../workspace/holds.ts';
import type { Hold } from '../workspace/world.ts';
import type { Running } from './running.ts';

/** All that an idle mark depends on besides the verdict. */
export type Situation = {
  settled: boolean;
  holds: Hold[];
  declaration: Declaration | undefined;
  intent: Intent | undefined;
  status: WorkspaceStatus | undefined;
  running: Running | undefined;
  leaseLeftMs: number;
  /** Wall clock, for brakes that end. */
  nowMs: number;
};

const ruleOf = ({ state, idle }: Desired) => ({ state, idle });

/** Why no idle mark may be written now, however quiet it is; undefined = it may. Pure. */
export function whyNotRest(situation: Situation): string | undefined {
  const { settled, declaration, intent, status, running, leaseLeftMs, nowMs } = situation;
  const desired = intent?.lastGood?.desired;
  if (!desired) return 'its spec cannot be used';
  if (!desired.idle.enabled) return 'idle.enabled is false';
  if (declaration?.kind === 'conflict') return 'its files are in conflict';
  if (declaration?.kind === 'valid' && !sameJson(ruleOf(declaration.desired), ruleOf(desired))) {
    return 'a change of its file is about to be taken over';
  }
  const holds = [...situation.holds, ...holdsOf(declaration, intent, nowMs)];
  const tombstone = tombstoneOf(declaration, intent);
  const decision = decide({ settled, holds, specState: desired.state, mark: intent.mark, tombstone });
  if (decision.kind === 'hold') return decision.message;
  if (decision.run !== 'Running') return `it is not meant to run: ${decision.because}`;
  if (!running) return 'it does not run';
  if (running.held !== undefined) return running.held;
  const { id } = running.container;
  const { restart } = intent;
  if (restart?.id === id && restart.startedAt === running.startedAt) return 'a restart is under way';
  if (leaseLeftMs > 0) return 'a lease keeps it awake';
  const ready = status?.conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return `it is not Ready: ${ready?.message || ready?.reason || 'not looked at yet'}`;
  return undefined;
}
