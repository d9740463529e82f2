import { shortSpan } from '../../lib/age.ts';
import { makeSemaphore } from '../../lib/async.ts';
import { durationText } from '../../lib/duration.ts';
import type { CleanupRow } from '../../model/service.ts';
import type { IntentStore, StatusStore } from '../../model/store.ts';
import type { Sampler } from './sample.ts';
import { evidenceText } from './tell.ts';
import { becauseOf } from './verdict.ts';

const WIDTH = 8;
const byName = (a: string, b: string) => (a < b ? -1 : 1);

type Deps = { sampler: Sampler; intents: IntentStore; status: StatusStore; names: () => Iterable<string> };
type Ask = { idleMs: number; dryRun: boolean };

/**
 * Puts to rest what has been idle for a time that a person names, by the same evidence and the same last look as the
 * idle rule, `idle.mode: Observe` or not: asking for it is a decision. Gives one for every workspace, with its reason.
 */
export function makeCleanUp({ sampler, intents, status, names }: Deps) {
  const limited = makeSemaphore(WIDTH);

  async function one(name: string, { idleMs, dryRun }: Ask): Promise<CleanupRow> {
    const phase = status.get(name)?.phase ?? 'Unknown';
    const kept = (reason: string): CleanupRow => ({ name, decision: 'kept', reason });
    const policy = intents.get(name)?.lastGood?.desired.idle;
    if (!policy) return kept('its spec cannot be used');
    if (phase !== 'Running') return kept(`it does not run: ${phase}`);
    const asked = { ...policy, mode: 'Enforce' as const, timeoutMs: idleMs };
    const { found, outcome } = await sampler.tryRest(name, asked, { dryRun });
    if (!found) return kept(outcome.rested ? '' : outcome.why);
    const { quietMs, evidence, idle } = found;
    const quiet = `quiet for ${shortSpan(quietMs / 1_000)}, asked for ${durationText(idleMs)}`;
    const reason = `${quiet}: ${evidenceText(evidence)}`;
    if (outcome.rested) return { name, decision: 'stopped', quietMs, reason };
    if (dryRun && idle) return { name, decision: 'wouldStop', quietMs, reason };
    return { ...kept(outcome.why || becauseOf(found, asked)), quietMs };
  }

  return (ask: Ask): Promise<CleanupRow[]> =>
    Promise.all([...names()].sort(byName).map((name) => limited(() => one(name, ask))));
}
