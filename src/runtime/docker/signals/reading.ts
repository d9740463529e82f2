import { readdirSync, readFileSync } from 'node:fs';
import type { Reading } from '../../../model/idle.ts';

const gone = new Set(['ENOENT', 'ESRCH']);

/** Why something cannot be read: the file, and what the system says of it. */
export function whyNot(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined || path === undefined) return message;
  return `${path}: ${gone.has(code) ? 'it is not there, the container may have ended' : message.replace(/,.*$/s, '')}`;
}

/** The value, or why there is none. Never throws. */
export function attempt<T>(read: () => T): Reading<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, message: whyNot(error) };
  }
}

/**
 * A file of /proc or /sys, at once: these come from memory and never wait for a disk, and a round through the thread
 * pool costs several times the read. Not for `cmdline` and `environ`: a process that is stuck holds up their readers.
 */
export const readNow = (path: string): string => readFileSync(path, 'utf8');

/** What is in a folder of /proc or /sys, at once for the same reasons. */
export const listNow = (path: string): string[] => readdirSync(path);
