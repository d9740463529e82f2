import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';

/** What is there under a unit's name: systemd also takes links, and /dev/null for "never start this". */
export type FoundUnit = { kind: 'absent' } | { kind: 'file'; text: string } | { kind: 'link'; to: string };

export function findUnit(path: string): FoundUnit {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'absent' };
  return stat.isSymbolicLink()
    ? { kind: 'link', to: readlinkSync(path) }
    : { kind: 'file', text: attempt(path, () => readFileSync(path, 'utf8')) };
}

/** Whole or not at all, for everybody to read whatever the umask: it says nothing secret. */
export function putFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.tmp`;
  putFolder(dirname(path));
  attempt(path, () => {
    try {
      writeFileSync(fresh, text);
      chmodSync(fresh, 0o644);
      renameSync(fresh, path);
    } finally {
      rmSync(fresh, { force: true });
    }
  });
}

/** @returns false when it is there already. */
export function putFolder(path: string): boolean {
  if (existsSync(path)) return false;
  if (existsSync(dirname(path)) || putFolder(dirname(path)))
    attempt(path, () => {
      mkdirSync(path);
      chmodSync(path, 0o755);
    });
  return true;
}

/** @returns false when anything is there already. */
export function putLink(path: string, to: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false })) return false;
  putFolder(dirname(path));
  attempt(path, () => symlinkSync(to, path));
  return true;
}

export const removeFile = (path: string): void => attempt(path, () => rmSync(path, { force: true }));

/** @throws REFUSED with what the system said. */
function attempt<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const hint = 'run it as root, on a file system that can be written';
    throw new WorkdockError('REFUSED', `cannot write or read ${path} (${code})`, { hint, cause });
  }
}
