import type { Clock } from '../lib/clock.ts';
import type { HeldList } from '../model/held.ts';
import { phases, type WorkspaceStatus } from '../model/status.ts';
import type { FigureBook } from './figures.ts';
import type { MetricsRegistry } from './registry.ts';
import { restartCauses } from './restart-cause.ts';

/** A figure, and when it was taken: monotonic milliseconds. */
export type Taken = { value: number; atMs: number };

export type WorkspaceSources = {
  clock: Pick<Clock, 'monotonic'>;
  figures: FigureBook;
  /** Names that spec files declare; only these have series. */
  declared: () => Iterable<string>;
  /** Every name there is anything about. */
  known: () => Iterable<string>;
  status: (name: string) => WorkspaceStatus | undefined;
  /** CPU time of the present run in seconds, of the last look for idleness. */
  cpuSeconds: (name: string) => Taken | undefined;
  /** For how long it has been quiet, of the same look. */
  quietSeconds: (name: string) => number | undefined;
  homeBytes: (name: string) => Taken | undefined;
  /** What waits for approval. */
  held: () => HeldList[];
};

const isReady = ({ conditions }: WorkspaceStatus) =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

/** Workspaces as they are known; the returned function takes them over before a scrape, and asks nobody. */
export function makeWorkspaceMetrics({ gauge, counter }: MetricsRegistry) {
  const byPhase = gauge('workdock_workspaces');
  const withoutSpec = gauge('workdock_workspaces_without_spec');
  const held = gauge('workdock_held_workspaces');
  const info = gauge('workdock_workspace_info');
  const phase = gauge('workdock_workspace_phase');
  const ready = gauge('workdock_workspace_ready');
  const cpu = counter('workdock_workspace_cpu_seconds_total');
  const cpuLimit = gauge('workdock_workspace_cpu_limit_cores');
  const memory = gauge('workdock_workspace_memory_bytes');
  const memoryLimit = gauge('workdock_workspace_memory_limit_bytes');
  const quiet = gauge('workdock_workspace_quiet_seconds');
  const home = gauge('workdock_workspace_home_bytes');
  const age = gauge('workdock_workspace_figure_age_seconds');
  const oomKills = counter('workdock_workspace_oom_kills_total');
  const restarts = counter('workdock_workspace_restarts_total');
  const all = [info, phase, ready, cpu, cpuLimit, memory, memoryLimit, quiet, home, age, oomKills, restarts];

  function take(status: WorkspaceStatus, { clock, figures, ...sources }: WorkspaceSources): void {
    const { name: workspace, owner, container } = status;
    const { seen, oomKills: kills, restarts: counts } = figures.get(workspace);
    const aged = (figure: string, atMs: number) =>
      age.set({ workspace, figure }, Math.max(0, Math.round(clock.monotonic() - atMs)) / 1_000);
    info.set({ workspace, owner, image: container?.image ?? '' }, 1);
    phase.set({ workspace, phase: status.phase }, 1);
    ready.set({ workspace }, isReady(status) ? 1 : 0);
    oomKills.inc({ workspace }, kills);
    for (const cause of restartCauses) restarts.inc({ workspace, cause }, counts[cause]);
    if (seen) {
      const { limits, memoryInUseBytes } = seen.container;
      cpuLimit.set({ workspace }, limits.nanoCpus / 1e9);
      memoryLimit.set({ workspace }, limits.memoryBytes);
      aged('memory', seen.atMs);
      if (memoryInUseBytes !== undefined) memory.set({ workspace }, memoryInUseBytes);
    }
    const quietSeconds = sources.quietSeconds(workspace);
    if (quietSeconds !== undefined) quiet.set({ workspace }, quietSeconds);
    const used = sources.cpuSeconds(workspace);
    if (used) {
      cpu.inc({ workspace }, used.value);
      aged('cpu', used.atMs);
    }
    const space = sources.homeBytes(workspace);
    if (space) {
      home.set({ workspace }, space.value);
      aged('home', space.atMs);
    }
  }

  return (sources: WorkspaceSources): void => {
    const declared = new Set(sources.declared());
    sources.figures.keepOnly(declared);
    // Anew each time: who is not declared any more has no series.
    for (const metric of all) metric.reset();
    const counts = new Map<string, number>(phases.map((name) => [name, 0]));
    for (const name of declared) {
      const status = sources.status(name);
      if (!status) continue;
      take(status, sources);
      counts.set(status.phase, (counts.get(status.phase) ?? 0) + 1);
    }
    for (const [name, count] of counts) byPhase.set({ phase: name }, count);
    for (const kind of ['removals', 'disruptions'] as const) held.set({ kind }, 0);
    for (const { kind, items, along = [] } of sources.held()) held.set({ kind }, items.length + along.length);
    withoutSpec.set([...sources.known()].filter((name) => !declared.has(name)).length);
  };
}
