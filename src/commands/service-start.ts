import { setTimeout as pause } from 'node:timers/promises';
import { makeClient } from '../client/client.ts';
import { WorkdockError } from '../lib/errors.ts';
import { logLine } from '../lib/log-line.ts';
import type { Config } from '../model/config.ts';
import { specPlaces } from '../model/spec-places.ts';
import type { Summary } from '../model/status.ts';
import type { Io } from './io.ts';
import { putLink } from './service-files.ts';
import type { ServicePlace } from './service-place.ts';
import type { Systemd } from './systemd.ts';

/** A controller answers a second or two after its start; a slow engine makes it ten more. */
const READY_MS = 30_000;
const LOOK_EVERY_MS = 200;

type Deps = { io: Io; systemd: Systemd; isChanged: boolean; start: boolean };

/**
 * Makes systemd know the unit, and runs it: a service that runs and has a new unit is restarted, which no workspace
 * notices.
 * @throws REFUSED without systemd, CONTROLLER_UNREACHABLE when it does not come up.
 */
export async function bringUp(place: ServicePlace, config: Config, deps: Deps): Promise<void> {
  const { service } = place;
  const { io, systemd, isChanged, start } = deps;
  const say = (word: string, more = '') => io.out(`${word.padEnd(8)}  ${service}.service${more}`);
  if (!systemd.isRunning()) return withoutSystemd(place, deps);
  await systemd.systemctl('daemon-reload');
  await systemd.systemctl('enable', '--quiet', `${service}.service`);
  say('enabled');
  const { ActiveState } = await systemd.show(service);
  const isUp = ['active', 'activating', 'reloading'].includes(ActiveState);
  if (!start) return io.err(`nothing was ${isUp ? 're' : ''}started: systemctl ${isUp ? 're' : ''}start ${service}`);
  if (!isUp || isChanged) {
    if (isUp) io.err('restarting the controller; workspaces run on');
    await systemd.systemctl('reset-failed', `${service}.service`).catch(() => undefined);
    await systemd.systemctl(isUp ? 'restart' : 'start', `${service}.service`);
  }
  const { controller } = await answering(service, config, deps);
  say(isUp && !isChanged ? 'running' : 'started', `, process ${controller.pid}`);
  const how = config.source === null ? '`workdock new NAME` writes one' : 'push to it';
  io.err(`specs are read from ${specPlaces(config).join(', ')}; ${how}`);
  io.err(`look: workdock get, workdock service status, journalctl -u ${service}`);
}

/** The unit is there for the day that systemd starts this disk; until then a person starts the controller. */
function withoutSystemd({ service, link, unit, config }: ServicePlace, { io, systemd, start }: Deps): void {
  if (putLink(link, unit)) io.out(`enabled   ${service}.service, for a boot with systemd`);
  const text = `systemd does not run here, process 1 is ${systemd.init()}: nothing was started`;
  const hint = `until it does: workdock --config ${config} up (--no-start accepts this)`;
  if (start) throw new WorkdockError('REFUSED', `the unit is in its place, but ${text}`, { hint });
  io.err(`${text}; ${hint.replace(/ \(.*/, '')}`);
}

/** The summary of the controller that systemd runs, as soon as it answers. */
async function answering(service: string, { state }: Config, { systemd, io }: Deps): Promise<Summary> {
  const client = makeClient({ state });
  const end = performance.now() + READY_MS;
  for (;;) {
    const unit = await systemd.show(service);
    const summary = await client.summary().catch(() => undefined);
    if (summary && `${summary.controller.pid}` === unit.MainPID) return summary;
    const hasEnded = unit.ActiveState === 'failed' || unit.SubState === 'auto-restart';
    if (!hasEnded && performance.now() < end) {
      await pause(LOOK_EVERY_MS);
      continue;
    }
    for (const line of await systemd.log(service, 10)) io.err(`  ${logLine(line)}`);
    const what = hasEnded ? 'does not stay up' : `does not answer after ${READY_MS / 1000} s`;
    const hint = `see above, and \`journalctl -u ${service}\`; systemd goes on trying where that can help`;
    throw new WorkdockError('CONTROLLER_UNREACHABLE', `${service}.service was started and ${what}`, { hint });
  }
}
