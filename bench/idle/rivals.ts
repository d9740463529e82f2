import type { Sample } from './record.ts';

/**
 * What the rules of others would say to the same recorded signals: milliseconds after the begin of the watch at which
 * they stop the workspace, or null. Read in their sources and documentation in 2026 (names in each); their clocks are
 * wall clocks. Where a rule leaves something open it is read in its favour: activity of a moment counts before the
 * check of that moment, and checks come every second instead of every few minutes.
 */
export type Rival = (samples: readonly Sample[], timeoutMs: number) => number | null;

/** Walks the samples: `active` gives the wall clock of the last activity that this rule knows of. */
function stopsAt(
  samples: readonly Sample[],
  timeoutMs: number,
  active: (sample: Sample, last: number) => number,
): number | null {
  let last = samples[0]?.wallMs ?? 0;
  for (const sample of samples) {
    last = active(sample, last);
    if (!sample.down && sample.wallMs - last >= timeoutMs) return sample.atMs;
  }
  return null;
}

/**
 * jupyterhub-idle-culler 1.4, `default_cull_arbiter`: inactive = now - last_activity, which is the latest of the start,
 * the proxy's traffic, and what the single-user server reports (its own `last_activity`: API, kernel messages,
 * terminals of its own). A shell that comes another way is not known.
 */
export const jupyterHub: Rival = (samples, timeoutMs) =>
  stopsAt(samples, timeoutMs, ({ browserMs, jupyter }, last) =>
    Math.max(last, browserMs ?? 0, jupyter?.lastActivityMs ?? 0),
  );

/**
 * Coder, `activity bump`: while the agent counts a session (SSH, terminal, VS Code, JetBrains) the deadline is moved to
 * now + bump. Port forwarding, web apps and work in the background do not count. A person may extend the deadline.
 */
export const coder: Rival = (samples, timeoutMs) =>
  stopsAt(samples, timeoutMs, ({ sessions, lease, wallMs }, last) => (sessions > 0 || lease ? wallMs : last));

/**
 * Kubeflow v1, notebook culler: a kernel whose state is not `idle` is activity now, else the latest `last_activity` of
 * the kernels; without kernels, or when nobody answers, the time stays as it is. Terminals are not asked.
 */
export const kubeflow: Rival = (samples, timeoutMs) =>
  stopsAt(samples, timeoutMs, ({ jupyter, wallMs }, last) => {
    const kernels = jupyter?.kernels ?? [];
    if (kernels.some(({ state }) => state !== 'idle')) return wallMs;
    return Math.max(last, ...kernels.map(({ lastActivityMs }) => lastActivityMs));
  });

/** DevPod, `agent container daemon`: the activity file that a connected client touches; nothing else does. */
export const devPod: Rival = (samples, timeoutMs) =>
  stopsAt(samples, timeoutMs, ({ sessions, wallMs }, last) => (sessions > 0 ? wallMs : last));

export const rivals = { JupyterHub: jupyterHub, Coder: coder, 'Kubeflow v1': kubeflow, DevPod: devPod };
