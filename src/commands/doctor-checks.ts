import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytesText } from '../lib/bytes.ts';
import type { Condition } from '../model/conditions.ts';

/** `bad` needs mending, `warn` is worth knowing, `unknown` could not be looked at. */
export type Check = { name: string; result: 'ok' | 'warn' | 'bad' | 'unknown'; message: string; mend?: string };

const OLDEST_NODE = [24, 15] as const;

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fine = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (fine) return { name: 'node', result: 'ok', message: version };
  const mend = 'run scripts/up, which brings its own, or install Node 24';
  return { name: 'node', result: 'bad', message: `${version} is older than ${OLDEST_NODE.join('.')}`, mend };
}

/** The controller stops creating and starting below the lesser of 1 GiB and 5 % (DiskPressure). */
const LEAST_FREE_BYTES = 2 ** 30;
const LEAST_FREE_PART = 0.05;

export function diskCheck(name: string, folder: string): Check {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    const [free, size] = [bavail * bsize, blocks * bsize];
    const message = `${bytesText(free)} of ${bytesText(size)} free in ${folder}`;
    if (free >= Math.min(LEAST_FREE_BYTES, size * LEAST_FREE_PART)) return { name, result: 'ok', message };
    return { name, result: 'bad', message, mend: `free space in ${folder}: nothing new is created or started` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      return { name, result: 'unknown', message: `${folder} is not there yet; \`workdock up\` makes it` };
    return { name, result: 'bad', message: `${folder}: ${code}`, mend: 'mount the disk, or mend its permissions' };
  }
}

/** Who can write specs can start containers with every mount the config allows. */
export function specsCheck(folder: string): Check {
  const name = 'specs';
  try {
    const { mode } = statSync(folder);
    accessSync(folder, constants.R_OK | constants.X_OK);
    const who = [...(mode & 0o020 ? ['its group'] : []), ...(mode & 0o002 ? ['everybody'] : [])];
    if (who.length === 0) return { name, result: 'ok', message: `${folder}, only its owner writes` };
    const message = `${folder} can be written by ${who.join(' and ')}: they decide what runs here`;
    return { name, result: mode & 0o002 ? 'bad' : 'warn', message, mend: `chmod go-w ${folder}` };
  } catch (error) {
    const message = `${folder}: ${(error as NodeJS.ErrnoException).code}`;
    return { name, result: 'bad', message, mend: 'create the folder, or name another one in the config' };
  }
}

/** A Jupyter server that listens on loopback only is asked from inside its network, with these. */
export function jupyterCheck(path = process.env['PATH'] ?? ''): Check {
  const there = (program: string) =>
    path.split(':').some((folder) => folder !== '' && existsSync(join(folder, program)));
  const missing = ['nsenter', 'bash'].filter((program) => !there(program));
  if (missing.length === 0)
    return { name: 'jupyter', result: 'ok', message: 'servers can be asked which kernels compute' };
  const message = `no ${missing.join(' and no ')}: a Jupyter server on loopback keeps its workspace awake, unasked`;
  return { name: 'jupyter', result: 'warn', message, mend: 'install util-linux and bash' };
}

/** Whether a host condition is good when True; all others are good when False. */
const goodWhenTrue = ['EngineReachable', 'SourceReady', 'NetworkGuarded', 'StatusPersisted'];

export function conditionCheck({ type, status, reason, message }: Condition): Check {
  const fine = status === (goodWhenTrue.includes(type) ? 'True' : 'False');
  if (fine) return { name: type, result: 'ok', message: message === '' ? reason : message };
  return { name: type, result: status === 'Unknown' ? 'unknown' : 'bad', message: `${reason}: ${message}` };
}
