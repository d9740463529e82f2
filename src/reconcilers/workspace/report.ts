import { timestamp } from '../../lib/clock.ts';
import type { Limits } from '../../model/desired.ts';
import type { Ignorable } from '../../model/drift.ts';
import type { Capabilities } from '../../model/fitted.ts';
import { heldText } from '../../model/held.ts';
import type { LastEnd, Phase, WorkspaceStatus } from '../../model/status.ts';
import type { FieldChange, Step } from '../../model/step.ts';
import { conditionsOf, type Judged } from './conditions.ts';
import { isLeft, leftText } from './facts.ts';
import { idleFields } from './idle-view.ts';
import { phaseOf } from './phase.ts';
import { seenText } from './seen-text.ts';

const MIB = 2 ** 20;
/** Memory in use is told anew when it moved by more than this share, and by more than a MiB. */
const MEMORY_NEWS = 0.05;

/** Everything one pass learned; the status is made from it and from nothing else. */
export type Findings = Omit<Judged, 'pending' | 'drift'> & {
  name: string;
  trigger: string;
  passId?: string;
  changes: Judged['pending'];
  /** What hands changed and its spec leaves to them. */
  ignored?: Judged['pending'];
  steps: Step[];
  oomKills: number;
  waitsFor?: string;
  nextLookAfterMs?: number;
  host?: Capabilities;
  lastEnd?: LastEnd;
  /** Its file says something else than what is in force, and is not taken over. */
  withheld: boolean;
};

/** What is owed to nobody's hands waits for something; what hands did is drift. */
const split = (findings: Findings) => ({
  pending: findings.changes.filter(
    (change) => !change.drift && change.field !== 'state' && change.field !== 'container',
  ),
  drift: findings.changes.filter((change) => change.drift),
});

function message(phase: Phase, findings: Findings, conditions: WorkspaceStatus['conditions']): string {
  const find = (type: string, status: string) =>
    conditions.find((c) => c.type === type && c.status === status)?.message;
  const ready = conditions.find((c) => c.type === 'Ready');
  const notReady = ready && ready.status !== 'True' ? ready.message : undefined;
  const absent = find('SourceAbsent', 'True');
  // A removal is announced for days: what keeps it from going on is the news.
  const leaving = absent && findings.error && notReady ? `${notReady}; ${absent}` : absent;
  const trouble = find('NameTaken', 'True') ?? find('Conflict', 'True') ?? find('SpecValid', 'False') ?? leaving;
  // Of a change that was taken back its Degraded tells all.
  const back = conditions.some((c) => c.type === 'Degraded' && c.status === 'True' && c.reason === 'RolledBack');
  const held = ['DeletionHeld', 'DisruptionHeld'];
  const waiting = [...held, 'MountMissing', 'Degraded', ...(back ? [] : ['UpdatePending']), 'UpdateAvailable'];
  const later = waiting.flatMap((type) => find(type, 'True') ?? []).join('; ') || undefined;
  if (phase === 'Held' || phase === 'Resting' || phase === 'Stopped') return trouble ?? later ?? notReady ?? '';
  return trouble ?? notReady ?? later ?? (findings.decision.kind === 'hold' ? findings.decision.message : '');
}

/** One pass's findings and the status before it to the status now. Pure. */
export function report(findings: Findings, previous: WorkspaceStatus | undefined, now: number): WorkspaceStatus {
  const { name, decision, target, observed, declaration, intent, error, trigger, passId, steps } = findings;
  // Until the files are read, or while the engine is away, nobody knows what waits or is held: what was known stands.
  const unread = decision.kind === 'hold' && decision.reason === 'SourceUnsettled';
  const parts = { ...split(findings), ...((unread || !observed) && previous && { pending: previous.pending }) };
  const { changes: _changes, ...rest } = findings;
  const judged: Judged = { ...rest, ...parts };
  const phase = phaseOf(judged);
  const conditions = conditionsOf(judged, previous?.conditions ?? [], now);
  const desired = target?.fitted ?? intent?.lastGood?.desired;
  const current = observed?.current;
  const good = intent?.lastGood?.source;
  const source = findings.withheld ? good : (declaration?.source ?? good);
  const because = decision.kind === 'hold' ? decision.message : decision.because;
  const lastEnd = findings.lastEnd ?? previous?.lastEnd;
  const next = findings.nextLookAfterMs;
  const left = steps.length > 0 && target && observed && isLeft(target, observed);
  const held = unread ? (previous?.held ?? []) : findings.held;
  const ignored = unread || !observed ? previous?.ignored : findings.ignored;
  const waits = [findings.waitsFor ?? (left ? leftText(name) : []), held.map(heldText)].flat();
  const waitsFor = waits.length > 0 ? waits.join('; ') : undefined;
  const container = current && {
    ...{ id: current.id, name: current.name, image: current.imageRef, imageId: current.imageId, hash: current.hash },
    ...(current.startedAt && { startedAt: current.startedAt }),
    ...(observed?.aside && { setAside: observed.aside.name }),
  };
  return {
    schemaVersion: 1,
    name,
    owner: desired?.owner ?? '',
    labels: desired?.labels ?? {},
    generation: intent?.generation ?? 0,
    observedGeneration: error || !observed ? (previous?.observedGeneration ?? 0) : (intent?.generation ?? 0),
    phase,
    conditions,
    ...(source && { source }),
    ...(container ? { container } : !observed && previous?.container ? { container: previous.container } : {}),
    ...(desired && { limits: limitsOf(desired.limits, current?.limits, ignored) }),
    ...memoryOf(current?.memoryInUseBytes, previous),
    ...(target && { home: target.fitted.homeSource }),
    ...parts,
    ...(ignored && ignored.length > 0 && { ignored }),
    plan: steps.map(({ op, why }) => ({ op, why })),
    ...(held.length > 0 && { held }),
    ...(intent?.update && { update: intent.update }),
    ...oom(findings, previous, now),
    ...(lastEnd && { lastEnd: { at: lastEnd.at, reason: lastEnd.reason, evidence: lastEnd.evidence } }),
    ...idleFields(judged, previous),
    ...leaseOf(findings, now),
    last: {
      ...(passId && { pass: passId }),
      trigger,
      because,
      ...(decision.kind === 'hold' && { hold: decision.reason }),
      ...(observed && { seen: seenText(observed, desired !== undefined) }),
      ...(waitsFor && { waitsFor }),
      ...(next !== undefined && { nextLookAt: timestamp(now + next) }),
      ...(error && { error: { code: error.code, message: error.message, hint: error.hint } }),
    },
    message: message(phase, findings, conditions),
    since: previous?.phase === phase ? previous.since : timestamp(now),
  };
}

/** Those of the file; but where hands may set another, the one that they did, unless they took it away. */
function limitsOf(wanted: Limits, actual: Limits | undefined, ignored: FieldChange[] = []): WorkspaceStatus['limits'] {
  const inForce = (field: Ignorable, key: keyof Limits) => {
    const made = ignored.some((row) => row.field === field) ? (actual?.[key] ?? 0) : 0;
    return made > 0 ? made : wanted[key];
  };
  return {
    cpus: inForce('resources.cpu', 'nanoCpus') / 1e9,
    memoryBytes: inForce('resources.memory', 'memoryBytes'),
    pids: inForce('resources.pids', 'pids'),
  };
}

/** Every look finds some pages more or less; only a real move is news and writes the file. */
function memoryOf(bytes: number | undefined, previous: WorkspaceStatus | undefined) {
  if (bytes === undefined) return {};
  const before = previous?.memoryInUseBytes;
  const moved = before === undefined || Math.abs(bytes - before) > Math.max(MIB, before * MEMORY_NEWS);
  return { memoryInUseBytes: moved ? bytes : before };
}

function oom({ oomKills, observed, target }: Findings, previous: WorkspaceStatus | undefined, now: number) {
  const before = previous?.oom;
  if (oomKills === 0) return before ? { oom: before } : {};
  const limitBytes = (observed?.current ?? target?.fitted)?.limits.memoryBytes ?? 0;
  return { oom: { kills: oomKills, limitBytes, at: before?.kills === oomKills ? before.at : timestamp(now) } };
}

function leaseOf({ intent }: Findings, now: number): Pick<WorkspaceStatus, 'lease'> {
  const lease = intent?.lease;
  if (!lease || lease.ended || Date.parse(lease.until) <= now) return {};
  return { lease: { until: lease.until, by: lease.by } };
}
