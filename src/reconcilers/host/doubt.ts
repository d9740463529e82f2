import { shortSpan } from '../../lib/age.ts';
import type { EngineAges } from '../../model/loop.ts';
import type { HostFinding } from './reconcile.ts';

/** Of a list that is asked for once in a resync period; of a stream that is asked for a sign every 15 s. */
const TOO_OLD_PERIODS = 3;
const TOO_OLD_MS = 60_000;

const mend = 'see the log of the engine, and restart it if that lasts';

/** An engine that answers and does not tell what it has: the idea of the kubelet's PLEG, unhealthy after 3 minutes. */
export function doubtOf({ listMs, streamMs }: EngineAges, resyncMs: number): HostFinding | undefined {
  const tooOldMs = Math.max(TOO_OLD_MS, TOO_OLD_PERIODS * resyncMs);
  const doubt = (reason: string, text: string): HostFinding => {
    const message = `the engine answers, but ${text}; ${mend}`;
    return { type: 'EngineReachable', status: 'Unknown', reason, message };
  };
  if (listMs > tooOldMs) {
    const text = `last listed its containers ${shortSpan(listMs / 1_000)} ago: what came or went since is not known`;
    return doubt('ListTooOld', text);
  }
  if (streamMs > tooOldMs) {
    const text = `its events were last heard ${shortSpan(streamMs / 1_000)} ago`;
    return doubt('EventsLost', `${text}: what hands change is seen by the next resync only`);
  }
  return undefined;
}
