import { type Clock, timestamp } from './lib/clock.ts';
import type { Condition, HostConditionType } from './model/conditions.ts';
import type { Capabilities, Fitted } from './model/fitted.ts';
import type { SourceTrouble } from './model/source.ts';
import type { InstanceStore, StatusStore } from './model/store.ts';
import type { Block } from './model/target.ts';
import type { Firewall } from './reconcilers/host/firewall.ts';
import type { GuardEntry } from './reconcilers/host/firewall-rules.ts';
import type { HostFinding, HostReport } from './reconcilers/host/reconcile.ts';
import type { Allowed } from './reconcilers/workspace/aim.ts';

type Deps = {
  reconcile: () => Promise<HostReport>;
  firewall: Firewall;
  entries: () => GuardEntry[];
  status: StatusStore;
  instance: InstanceStore;
  clock: Clock;
  /** Undefined when all is well. */
  problems: { source: () => SourceTrouble | undefined; data: () => string | undefined };
  settled: () => boolean;
  /** Instead of "the engine answers", when what it was heard of is too old. */
  engineDoubt: () => HostFinding | undefined;
  /** The commit that is in force; undefined for folders. */
  readFrom: () => string | undefined;
};

const RETRY_MS = 5_000;

const finding = (
  type: HostConditionType,
  status: HostFinding['status'],
  reason: string,
  message = '',
): HostFinding => ({ type, status, reason, message });

const inForce = (message: string, from: string | undefined): string =>
  from === undefined ? message : `${message}; ${from} stays in force`;

/** What the other parts report of themselves, in the words of conditions. */
function ownFindings({ problems, settled, readFrom, status }: Deps): HostFinding[] {
  const source = problems.source();
  const data = problems.data();
  const unwritten = status.problem();
  return [
    source
      ? finding('SourceReady', 'False', source.reason, inForce(source.message, readFrom()))
      : settled()
        ? finding('SourceReady', 'True', 'Settled', readFrom())
        : finding('SourceReady', 'Unknown', 'NoScanYet', 'the first scan has not settled yet'),
    data ? finding('DataFolderMissing', 'True', 'NotMounted', data) : finding('DataFolderMissing', 'False', 'Present'),
    unwritten
      ? finding('StatusPersisted', 'False', 'NotWritten', unwritten)
      : finding('StatusPersisted', 'True', 'Written'),
  ];
}

const hostFacts = (host: Capabilities, subnet: string | undefined) => {
  const { engine, apiVersion, cpus, memoryBytes, cgroupVersion, liveRestore } = host;
  return { engine, apiVersion, cpus, memoryBytes, cgroupVersion, liveRestore, subnet: subnet ?? 'none yet' };
};

/** The host as the last look found it: conditions for people, blocks for the workspaces. */
export function makeHostState(deps: Deps) {
  const { status, clock, firewall } = deps;
  let report: HostReport = { findings: [], network: null };
  let capabilities: Capabilities | undefined;

  const blockOf = (type: HostConditionType, bad: HostFinding['status']): Block | undefined => {
    const found = report.findings.find((item) => item.type === type && item.status === bad);
    return found && { reason: found.reason, message: found.message, retryAfterMs: RETRY_MS };
  };

  const doubted = (found: HostFinding): HostFinding =>
    found.type === 'EngineReachable' && found.status === 'True' ? (deps.engineDoubt() ?? found) : found;
  const tell = () => {
    const before = status.summary().host;
    const conditions = [...report.findings, ...ownFindings(deps)].map((found): Condition<HostConditionType> => {
      const old = before.conditions.find(({ type }) => type === found.type);
      const same = old?.status === found.status;
      return { ...found, lastTransitionTime: same ? old.lastTransitionTime : timestamp(clock.now()) };
    });
    const engine = capabilities ? hostFacts(capabilities, deps.instance.get().subnet) : before.engine;
    status.setHost({ conditions, ...(engine && { engine }) });
  };

  return {
    /** Looks at the host, mends what is ours, and returns a text that changes when workspaces should be looked at. */
    look: async (): Promise<string> => {
      report = await deps.reconcile().then((found) => ({ ...found, findings: found.findings.map(doubted) }));
      capabilities = report.capabilities ?? capabilities;
      tell();
      const facts = report.findings.map(({ type, status: now, reason }) => `${type} ${now} ${reason}`);
      return [...facts, deps.problems.data() ?? ''].join('\n');
    },
    tell,
    /** Undefined before the engine has answered once, and while it does not. */
    capabilities: () => (report.capabilities ? capabilities : undefined),
    /** Right before a create or a start. Rules that are missing are put back first. */
    allowed: async ({ networkName }: Fitted): Promise<Allowed> => {
      const disk = blockOf('DiskPressure', 'True');
      const allowed: Allowed = disk ? { disk } : {};
      if (networkName === null) return allowed;
      if (!report.network) {
        const network = blockOf('NetworkGuarded', 'False') ?? { reason: 'NetworkMissing', message: 'no network yet' };
        return { ...allowed, network };
      }
      const first = await firewall.check();
      const guard = first.ok ? first : await firewall.ensure(deps.entries());
      if (guard.ok) return allowed;
      return { ...allowed, network: { reason: guard.reason, message: guard.message, retryAfterMs: RETRY_MS } };
    },
  };
}
