import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where systemd looks for programs when a unit does not say. */
const USUAL = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** This checkout or package: two folders up from here, both in `src/` and in what is built. */
const here = fileURLToPath(new URL('../..', import.meta.url));

export type Launcher = {
  /** `bin/workdock` of the checkout or package that runs now. */
  program: string;
  folder: string;
  /** A PATH on which it finds the Node that runs now; absent when it finds one by itself. */
  path?: string;
};

export function ownLauncher(): Launcher {
  const folder = here.replace(/\/$/, '');
  const node = dirname(process.execPath);
  const finds = existsSync(join(folder, '.node/bin/node')) || USUAL.includes(node);
  return { program: join(folder, 'bin/workdock'), folder, ...(!finds && { path: [node, ...USUAL].join(':') }) };
}
