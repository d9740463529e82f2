import { existsSync } from 'node:fs';
import { specPaths } from '../model/spec-places.ts';
import type { Io } from './io.ts';
import { keepOld, refuseEdited } from './service-edited.ts';
import { findUnit, removeFile } from './service-files.ts';
import { needRoot, type ServicePlace, serviceConfig } from './service-place.ts';
import type { Systemd } from './systemd.ts';

type Deps = { io: Io; systemd: Systemd; force: boolean };

/** Stops the controller and removes the unit and its link: what `install` wrote and nothing else. */
export async function uninstall(place: ServicePlace, { io, systemd, force }: Deps): Promise<void> {
  needRoot(place);
  const { service, at, unit, link, dropIns, isStaged } = place;
  const found = findUnit(at(unit));
  if (found.kind === 'absent') return io.err(`${service}.service is not installed`);
  if (!force) refuseEdited(found, place);
  const isLive = !isStaged && systemd.isRunning();
  if (isLive) await systemd.systemctl('disable', '--quiet', '--now', `${service}.service`);
  keepOld(found, at(unit), io);
  removeFile(at(link));
  removeFile(at(unit));
  if (isLive) {
    await systemd.systemctl('daemon-reload');
    await systemd.systemctl('reset-failed', `${service}.service`).catch(() => undefined);
    io.out(`stopped   ${service}.service`);
  }
  io.out(`removed   ${at(unit)}`);
  const config = await serviceConfig(place).catch(() => undefined);
  const left = [place.config, ...(config ? specPaths(config) : []), config?.state, config?.data, dropIns].filter(
    (path) => path !== undefined && existsSync(at(path)),
  );
  if (left.length > 0) io.err(`left as they are: ${left.join(', ')}`);
  io.err('workspaces run on; nobody repairs, updates or rests them until a controller runs again');
}
