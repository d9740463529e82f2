import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from './io.ts';
import { ownLauncher } from './service-launcher.ts';
import type { ServicePlace } from './service-place.ts';

/** What somebody may take for granted and the service does not do, and who could make it do something else. */
export function notes(place: ServicePlace, { env, cwd }: Io): string[] {
  return [writers(), otherConfig(place, cwd), otherEngine(place, env['DOCKER_HOST'])].flatMap((note) => note ?? []);
}

function writers(): string | undefined {
  const { folder } = ownLauncher();
  const { uid, mode } = statSync(folder);
  if (uid === 0 && (mode & 0o022) === 0) return undefined;
  const who = uid === 0 ? 'others than root' : `uid ${uid}`;
  return `note: ${who} can change ${folder}, and with it what root runs; /opt is a better place`;
}

function otherConfig({ config, isChosen }: ServicePlace, cwd: string): string | undefined {
  const here = join(cwd, 'workdock.yaml');
  if (isChosen || here === config || !existsSync(here)) return undefined;
  return `note: the service reads ${config} and not ./workdock.yaml; --config workdock.yaml makes it`;
}

function otherEngine({ service, at, dropIns }: ServicePlace, engine = ''): string | undefined {
  if (/^(?:unix:\/\/(?:\/var)?\/run\/docker\.sock)?$/.test(engine) || existsSync(at(dropIns))) return undefined;
  return `note: DOCKER_HOST is set here; for the service: systemctl edit ${service}, Environment=DOCKER_HOST=…`;
}
