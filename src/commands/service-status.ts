import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { makeClient } from '../client/client.ts';
import { WorkdockError } from '../lib/errors.ts';
import { logLine } from '../lib/log-line.ts';
import type { Config } from '../model/config.ts';
import { specPlaces } from '../model/spec-places.ts';
import type { Io } from './io.ts';
import { type Format, printData } from './output.ts';
import { difference } from './service-edited.ts';
import { findUnit } from './service-files.ts';
import { wantedUnit } from './service-install.ts';
import { type ServicePlace, serviceConfig } from './service-place.ts';
import { isUntouched } from './service-unit.ts';
import type { Systemd } from './systemd.ts';

type Deps = { io: Io; systemd: Systemd };

/** What `service status -o json` prints. */
export type ServiceStatus = {
  service: string;
  installed: boolean;
  unit: string;
  /** `edited` by hand; `outdated`: `service install` would write another one now. */
  unitIs: 'current' | 'outdated' | 'edited' | 'absent';
  dropIns: string[];
  enabled: boolean;
  /** As systemd says; null where it does not run. */
  active: string | null;
  since: string | null;
  restarts: number | null;
  config: string;
  folders: { specs: string[]; state: string; data: string } | null;
  /** Why the config cannot be read. */
  problem: string | null;
  controller: { pid: number; version: string; workspaces: number; ready: number } | null;
  log: string[];
};

/** Exits with 5 when it is not installed, with 4 when no controller answers; a staged one is only looked at. */
export async function status(place: ServicePlace, output: Format, { io, systemd }: Deps): Promise<void> {
  const found = await look(place, systemd);
  const isUp = found.controller !== null || place.isStaged;
  if (printData(io, output, found)) return io.exitWith(!found.installed ? 5 : isUp ? 0 : 4);
  if (!found.installed) {
    const hint = 'workdock service install';
    throw new WorkdockError('NOT_FOUND', `${place.service}.service is not installed`, { hint });
  }
  for (const line of lines(found, systemd)) io.out(line);
  if (!isUp) io.exitWith(4);
}

async function look(place: ServicePlace, systemd: Systemd): Promise<ServiceStatus> {
  const { service, at, unit, isStaged } = place;
  const config = await serviceConfig(place).catch((error: unknown) => {
    if (error instanceof WorkdockError) return error;
    throw error;
  });
  const site = config instanceof WorkdockError ? undefined : config;
  const live = !isStaged && systemd.isRunning();
  const unitIs = stateOf(place, site);
  const installed = unitIs !== 'absent';
  const state = live && installed ? await systemd.show(service) : undefined;
  return {
    ...{ service, installed, unit: at(unit), unitIs, dropIns: dropInsOf(at(place.dropIns)) },
    enabled: state ? state.UnitFileState === 'enabled' : isLink(at(place.link)),
    active: state ? `${state.ActiveState} (${state.SubState})` : null,
    since: state?.ActiveEnterTimestamp || null,
    restarts: state ? Number(state.NRestarts) : null,
    config: place.config,
    folders: site === undefined ? null : { specs: specPlaces(site), state: site.state, data: site.data },
    problem: config instanceof WorkdockError ? config.message : null,
    controller: site === undefined || isStaged || !installed ? null : await controllerOf(site),
    log: live && installed ? (await systemd.log(service, 10)).map(logLine) : [],
  };
}

function stateOf(place: ServicePlace, config: Config | undefined): ServiceStatus['unitIs'] {
  const found = findUnit(place.at(place.unit));
  if (found.kind === 'absent') return 'absent';
  if (found.kind === 'link' || !isUntouched(found.text)) return 'edited';
  const isCurrent = config === undefined || difference(found.text, wantedUnit(place, config)).length === 0;
  return isCurrent ? 'current' : 'outdated';
}

const isLink = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const dropInsOf = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.conf')) : [];

async function controllerOf({ state }: Config): Promise<ServiceStatus['controller']> {
  try {
    const { controller, workspaces } = await makeClient({ state }).summary();
    const all = Object.values(workspaces);
    const { pid, version } = controller;
    return { pid, version, workspaces: all.length, ready: all.filter(({ ready }) => ready).length };
  } catch (error) {
    if (error instanceof WorkdockError) return null;
    throw error;
  }
}

function lines(found: ServiceStatus, systemd: Systemd): string[] {
  const { folders, controller, active, since } = found;
  const unitWords = {
    current: '',
    outdated: ', outdated: `workdock service install` writes it anew',
    edited: ', edited by hand: `service install` leaves it alone',
    absent: '',
  };
  const rows: [string, string][] = [
    ['unit', `${found.unit}${unitWords[found.unitIs]}`],
    ...found.dropIns.map((name): [string, string] => ['drop-in', name]),
    ['enabled', found.enabled ? 'yes, it starts at boot' : 'no'],
    [
      'active',
      active === null ? `unknown: process 1 is ${systemd.init()}` : `${active}${since ? ` since ${since}` : ''}`,
    ],
    [
      'controller',
      controller === null ? 'does not answer' : `process ${controller.pid}, version ${controller.version}`,
    ],
    ...(controller === null
      ? []
      : [['workspaces', `${controller.workspaces}, ready ${controller.ready}`] satisfies [string, string]]),
    ['config', `${found.config}${found.problem === null ? '' : `: ${found.problem}`}`],
    ...(folders === null ? [] : folders.specs.map((folder): [string, string] => ['specs', folder])),
    ...(folders === null
      ? []
      : ([
          ['state', folders.state],
          ['data', folders.data],
        ] satisfies [string, string][])),
  ];
  const log = found.log.length === 0 ? [] : ['', 'last lines of the log:', ...found.log.map((line) => `  ${line}`)];
  return [...rows.map(([key, value]) => `${key.padEnd(12)}${value}`), ...log];
}
