import type { Summary } from '../model/status.ts';
import type { MetricsRegistry } from './registry.ts';

/** As `status.json` has them. */
export type HostSources = Pick<Summary, 'host'> & {
  controller: Pick<Summary['controller'], 'version' | 'instance' | 'startedAt'>;
};

const STATUSES = ['true', 'false', 'unknown'];

/** Conditions of the host, and what this process takes; the returned function brings them up to date. */
export function makeHostMetrics({ gauge, counter }: MetricsRegistry) {
  const conditions = gauge('workdock_host_condition');
  const build = gauge('workdock_build_info');
  const cpu = counter('workdock_controller_cpu_seconds_total');
  const memory = gauge('workdock_controller_memory_bytes');
  const started = gauge('workdock_controller_start_time_seconds');

  return ({ controller, host }: HostSources): void => {
    conditions.reset();
    for (const { type: condition, status: now } of host.conditions) {
      for (const status of STATUSES) conditions.set({ condition, status }, status === now.toLowerCase() ? 1 : 0);
    }
    const { version, instance, startedAt } = controller;
    // Not `instance`: that is Prometheus's own word for where it asked.
    build.set({ version, instance_name: instance }, 1);
    const { user, system } = process.cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / 1e6);
    memory.set(process.memoryUsage.rss());
    started.set(Date.parse(startedAt) / 1_000);
  };
}
