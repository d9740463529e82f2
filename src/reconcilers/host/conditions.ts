import { timestamp } from '../../lib/clock.ts';
import type { Condition, HostConditionType } from '../../model/conditions.ts';
import type { HostState } from './host.ts';

export type HostFacts = HostState & {
  /** Why the specs cannot be used now; undefined when they can. */
  sourceProblem?: string | undefined;
  /** No settled scan has been seen yet. */
  sourcePending?: boolean;
  dataProblem?: string | undefined;
  statusProblem?: string | null;
};

type Fact = { ok: boolean | 'Unknown'; reason: string; message: string };
const good = (reason: string): Fact => ({ ok: true, reason, message: '' });

/** For these types `True` is bad news. */
const abnormal: ReadonlySet<HostConditionType> = new Set(['DataFolderMissing', 'DiskPressure']);

function facts(host: HostFacts): Record<HostConditionType, Fact> {
  const { engineProblem, network, disk, sourceProblem, dataProblem, statusProblem } = host;
  const unseen: Fact = {
    ok: 'Unknown',
    reason: 'EngineUnreachable',
    message: 'not looked at while the engine is away',
  };
  return {
    EngineReachable: engineProblem ? { ok: false, reason: 'NoAnswer', message: engineProblem } : good('Answers'),
    SourceReady: sourceProblem
      ? { ok: false, reason: 'Unusable', message: sourceProblem }
      : host.sourcePending
        ? { ok: 'Unknown', reason: 'NoScanYet', message: 'the first scan has not settled yet' }
        : good('Settled'),
    DataFolderMissing: dataProblem ? { ok: false, reason: 'NotMounted', message: dataProblem } : good('Present'),
    NetworkGuarded: engineProblem
      ? unseen
      : network
        ? { ok: false, reason: network.reason, message: network.message }
        : good('RulesInPlace'),
    DiskPressure: disk ? { ok: false, reason: disk.reason, message: disk.message } : good('EnoughFree'),
    StatusPersisted: statusProblem ? { ok: false, reason: 'NotWritten', message: statusProblem } : good('Written'),
  };
}

/** Conditions of the host; lastTransitionTime moves only when the status does. */
export function hostConditionsOf(host: HostFacts, previous: Condition[], now: number): Condition<HostConditionType>[] {
  return Object.entries(facts(host)).map(([key, { ok, reason, message }]) => {
    const type = key as HostConditionType;
    const isTrue = abnormal.has(type) ? ok === false : ok === true;
    const status = ok === 'Unknown' ? 'Unknown' : isTrue ? 'True' : 'False';
    const before = previous.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timestamp(now);
    return { type, status, reason, message, lastTransitionTime };
  });
}
