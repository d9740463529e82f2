import type { Capabilities } from '../model/fitted.ts';
import type { Check } from './doctor-checks.ts';

/** What an engine means for workspaces, one check a fact. */
export function engineChecks(engine: Capabilities): Check[] {
  const { cgroupVersion, liveRestore, warnings } = engine;
  const others = warnings.filter((text) => !text.startsWith('live-restore')); // said above, with how to mend it
  return [
    { name: 'engine', result: 'ok', message: `${engine.engine}, ${engine.cpus} cpus` },
    { name: 'api version', result: 'ok', message: `${engine.apiVersion} (negotiated)` },
    { name: 'cgroup version', result: 'ok', message: String(cgroupVersion) },
    liveRestore
      ? { name: 'live-restore', result: 'ok', message: 'on: workspaces survive a restart of the engine' }
      : {
          name: 'live-restore',
          result: 'warn',
          message: 'off: a restart of the engine stops every workspace; they are started again after it',
          mend: 'add "live-restore": true to /etc/docker/daemon.json and reload the engine',
        },
    ...others.map(
      (message): Check => ({
        name: 'engine warning',
        result: 'warn',
        message,
        mend: 'see the engine documentation for this warning; limits may not hold without it',
      }),
    ),
  ];
}
