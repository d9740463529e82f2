import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';
import { ownVersion } from '../lib/version.ts';
import type { Config } from '../model/config.ts';
import { specPaths } from '../model/spec-places.ts';
import { idleNote, serviceConfigText } from './init-files.ts';
import type { Io } from './io.ts';
import { difference, keepOld, refuseEdited } from './service-edited.ts';
import { findUnit, putFile, putFolder, putLink } from './service-files.ts';
import { ownLauncher } from './service-launcher.ts';
import { notes } from './service-notes.ts';
import { needRoot, type ServicePlace, serviceConfig, usualSpecs } from './service-place.ts';
import { bringUp } from './service-start.ts';
import { unitText } from './service-unit.ts';
import type { Systemd } from './systemd.ts';

export type InstallOptions = { start: boolean; force: boolean; name?: string };
type Deps = { io: Io; systemd: Systemd };

/**
 * Config and specs folder when there are none, the unit, and the link that starts it at boot; then it is started.
 * Everything that can be refused is refused before the first change.
 */
export async function install(place: ServicePlace, options: InstallOptions, { io, systemd }: Deps): Promise<void> {
  needRoot(place);
  const { at, unit, service } = place;
  if (place.configAt === undefined && place.isChosen && !place.isStaged) {
    const hint = `write it first, such as with \`workdock init ${dirname(place.config)}\`, or name another --config`;
    throw new WorkdockError('USAGE', `there is no config ${place.config}`, { hint });
  }
  const config = await serviceConfig(place);
  const text = wantedUnit(place, config);
  const found = findUnit(at(unit));
  if (!options.force) refuseEdited(found, place);

  const say = (word: string, path: string) => io.out(`${word.padEnd(8)}  ${path}`);
  if (place.configAt === undefined) putFile(at(place.config), serviceConfigText(place.config, options.name));
  say(place.configAt === undefined ? 'written' : 'kept', place.configAt ?? at(place.config));
  const specs = usualSpecs(place.config);
  if (config.source === null && config.specs.includes(specs))
    say(putFolder(at(specs)) ? 'written' : 'kept', `${at(specs)}/`);
  const isChanged = found.kind !== 'file' || found.text !== text;
  if (isChanged) {
    keepOld(found, at(unit), io);
    putFile(at(unit), text);
  }
  say(isChanged ? (found.kind === 'absent' ? 'written' : 'updated') : 'kept', at(unit));
  if (found.kind === 'file') for (const line of difference(found.text, text)) io.err(`          ${line}`);

  if (place.configAt === undefined) for (const line of idleNote) io.err(line);
  if (place.isStaged) {
    if (putLink(at(place.link), unit)) say('enabled', `${service}.service, in ${at('/')}`);
    return io.err(`nothing was started: ${at('/')} is not the root of this machine`);
  }
  for (const note of notes(place, io)) io.err(note);
  await bringUp(place, config, { io, systemd, isChanged, start: options.start });
}

/** The unit as it is written here and now. */
export function wantedUnit({ service, config: file, isStaged }: ServicePlace, config: Config): string {
  const { program, folder, path } = ownLauncher();
  const written = [config.state, config.data];
  const read = [
    dirname(file),
    ...specPaths(config),
    ...config.mountRoots,
    ...(config.secretsRoot === null ? [] : [config.secretsRoot]),
  ];
  return unitText({
    ...{ service, version: ownVersion(), launcher: program, config: file },
    folders: [folder, ...written, ...read].flatMap((each) => (isStaged ? [each] : [each, real(each)])),
    // Homes may lie in what specs may mount.
    written: [...written, ...config.mountRoots],
    ...(path !== undefined && { path }),
  });
}

/** systemd follows no links when it looks for the mounts of a path. */
function real(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : real(parent).replace(/\/$/, '') + path.slice(parent.replace(/\/$/, '').length);
}
