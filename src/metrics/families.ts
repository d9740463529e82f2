/** What a metric is, in what it counts, and by what it is told apart: docs/reference/metrics.md is made of it. */
export type Family = {
  type: 'gauge' | 'counter' | 'histogram';
  labels: readonly string[];
  help: string;
  /** Upper bounds of a histogram. */
  buckets?: readonly number[];
};

/** From a look at a cgroup to the pull of a large image, seconds. */
const CALL_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** One series or a few for each workspace that a spec file declares; they go with the file. */
export const workspaceFamilies = {
  workdock_workspaces: { type: 'gauge', labels: ['phase'], help: 'Workspaces with a spec file, by phase.' },
  workdock_workspaces_without_spec: {
    ...{ type: 'gauge', labels: [] },
    help: 'Workspaces that no spec file declares any more and that are still known; they have no series of their own.',
  },
  workdock_held_workspaces: {
    ...{ type: 'gauge', labels: ['kind'] },
    help: 'Workspaces that wait for `workdock approve`, by kind: removals, disruptions.',
  },
  workdock_workspace_info: {
    ...{ type: 'gauge', labels: ['workspace', 'owner', 'image'] },
    help: '1 for each workspace: its owner, and the image of its container (empty: it has none).',
  },
  workdock_workspace_phase: {
    ...{ type: 'gauge', labels: ['workspace', 'phase'] },
    help: '1 for the phase a workspace is in; the other phases have no series.',
  },
  workdock_workspace_ready: {
    ...{ type: 'gauge', labels: ['workspace'] },
    help: '1 when the condition Ready is True, else 0.',
  },
  workdock_workspace_cpu_seconds_total: {
    ...{ type: 'counter', labels: ['workspace'] },
    help: 'CPU time of all processes of a running workspace, as of the last look for idleness.',
  },
  workdock_workspace_cpu_limit_cores: {
    ...{ type: 'gauge', labels: ['workspace'] },
    help: 'Cores that the container of a workspace may use, as the engine has it.',
  },
  workdock_workspace_memory_bytes: {
    ...{ type: 'gauge', labels: ['workspace'] },
    help: 'Memory that a running workspace cannot give back (its working set), as of the last pass that looked at it.',
  },
  workdock_workspace_memory_limit_bytes: {
    ...{ type: 'gauge', labels: ['workspace'] },
    help: 'Memory that the container of a workspace may use, as the engine has it.',
  },
  workdock_workspace_quiet_seconds: {
    ...{ type: 'gauge', labels: ['workspace'] },
    help: 'For how long every signal of a running workspace has been quiet, as of the last look for idleness.',
  },
  workdock_workspace_home_bytes: {
    ...{ type: 'gauge', labels: ['workspace'] },
    help: 'Disk space that the home of a workspace takes, as last counted.',
  },
  workdock_workspace_figure_age_seconds: {
    ...{ type: 'gauge', labels: ['workspace', 'figure'] },
    help: 'How old a figure is at the scrape: memory (with the limits), cpu, home.',
  },
  workdock_workspace_oom_kills_total: {
    ...{ type: 'counter', labels: ['workspace'] },
    help: 'Processes of a workspace that were killed for want of memory, since the controller started.',
  },
  workdock_workspace_restarts_total: {
    ...{ type: 'counter', labels: ['workspace', 'cause'] },
    help: 'Starts after an end since the controller started, by what ended it: itself, person, controller, host.',
  },
} as const satisfies Record<string, Family>;

const controller = ['controller'] as const;
/** Both have the name of the controller, as in controller-runtime. */
const queue = ['name', 'controller'] as const;
/** Bounds as in controller-runtime, so that its dashboards fit. */
const PASS_BUCKETS = [
  ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  ...[1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60],
];
const QUEUE_BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];

/** The loop, in the names of controller-runtime: its pkg/internal/controller/metrics and pkg/internal/metrics. */
export const loopFamilies = {
  controller_runtime_reconcile_total: {
    ...{ type: 'counter', labels: ['controller', 'result'] },
    help: 'Passes of the loop, by result: success, error, requeue (at once), requeue_after.',
  },
  controller_runtime_reconcile_errors_total: { type: 'counter', labels: controller, help: 'Passes that failed.' },
  controller_runtime_terminal_reconcile_errors_total: {
    ...{ type: 'counter', labels: controller },
    help: 'Failed passes that are not tried again by themselves.',
  },
  controller_runtime_reconcile_panics_total: {
    ...{ type: 'counter', labels: controller },
    help: 'Passes that failed with INTERNAL: bugs of workdock.',
  },
  controller_runtime_reconcile_timeouts_total: {
    ...{ type: 'counter', labels: controller },
    help: 'Passes that outlived their deadline.',
  },
  controller_runtime_reconcile_time_seconds: {
    ...{ type: 'histogram', labels: controller, buckets: PASS_BUCKETS },
    help: 'How long a pass takes.',
  },
  controller_runtime_active_workers: {
    ...{ type: 'gauge', labels: controller },
    help: 'Passes that take a place of limits.parallel now.',
  },
  controller_runtime_max_concurrent_reconciles: {
    ...{ type: 'gauge', labels: controller },
    help: 'Passes at once at most (limits.parallel).',
  },
  workqueue_depth: {
    ...{ type: 'gauge', labels: [...queue, 'priority'] },
    help: 'Names that wait for a pass, by priority: 100 changed specs and people, 0 events and alarms, -100 resync.',
  },
  workqueue_adds_total: {
    type: 'counter',
    labels: queue,
    help: 'Names put into the queue; one that waits counts once.',
  },
  workqueue_queue_duration_seconds: {
    ...{ type: 'histogram', labels: queue, buckets: QUEUE_BUCKETS },
    help: 'How long a name waits in the queue.',
  },
  workqueue_work_duration_seconds: {
    ...{ type: 'histogram', labels: queue, buckets: QUEUE_BUCKETS },
    help: 'How long a pass takes.',
  },
  workqueue_unfinished_work_seconds: {
    ...{ type: 'gauge', labels: queue },
    help: 'How long the passes in flight have taken so far, summed.',
  },
  workqueue_longest_running_processor_seconds: {
    ...{ type: 'gauge', labels: queue },
    help: 'How long the oldest pass in flight has taken so far.',
  },
  workqueue_retries_total: {
    ...{ type: 'counter', labels: queue },
    help: 'Looks planned for later: after a failure, or because a pass asked for one.',
  },
} as const satisfies Record<string, Family>;

/** The engine, the host and the controller itself. */
export const hostFamilies = {
  workdock_away_passes: {
    ...{ type: 'gauge', labels: [] },
    help: 'Passes that take no place of limits.parallel: they wait for a registry or for the end of a workspace.',
  },
  workdock_engine_calls_total: {
    ...{ type: 'counter', labels: ['verb', 'result'] },
    help: 'Calls to the engine, by verb and result: success, or the code of the error.',
  },
  workdock_engine_call_duration_seconds: {
    ...{ type: 'histogram', labels: ['verb', 'result'], buckets: CALL_BUCKETS },
    help: 'How long a call to the engine takes.',
  },
  workdock_engine_list_age_seconds: {
    ...{ type: 'gauge', labels: [] },
    help: 'How old the last complete list of the containers of the engine is; of the controller before the first.',
  },
  workdock_engine_events_age_seconds: {
    ...{ type: 'gauge', labels: [] },
    help: 'When the stream of the events of the engine was last known to be alive: seconds ago.',
  },
  workdock_engine_event_lag_seconds: {
    ...{ type: 'histogram', labels: [], buckets: CALL_BUCKETS },
    help: 'From an event of the engine, by its clock, to when it is in the queue; without the echoes of our own calls.',
  },
  workdock_drift_total: {
    ...{ type: 'counter', labels: ['field', 'outcome'] },
    help: 'Drift, by the kind of the field and what became of it: healed, reported (found and left), ignored.',
  },
  workdock_host_condition: {
    ...{ type: 'gauge', labels: ['condition', 'status'] },
    help: '1 for the status a condition of the host has, 0 for the two others: true, false, unknown.',
  },
  workdock_build_info: {
    type: 'gauge',
    labels: ['version', 'instance_name'],
    help: '1: the version that runs, and its name.',
  },
  workdock_controller_cpu_seconds_total: { type: 'counter', labels: [], help: 'CPU time of the controller.' },
  workdock_controller_memory_bytes: { type: 'gauge', labels: [], help: 'Memory of the controller.' },
  workdock_controller_start_time_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the controller started, unix time.',
  },
} as const satisfies Record<string, Family>;

export const families = { ...workspaceFamilies, ...loopFamilies, ...hostFamilies };
export type Families = typeof families;
