import { durationMeant, parseDuration } from '../lib/duration.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { Lease } from '../model/idle.ts';
import type { Owner } from './as-owner.ts';
import { type Found, readFromHome } from './folder.ts';

export const KEEP = 'keep';
const MOST_BYTES = 64;

/** What one `~/.workdock/keep` asks for: so long from its last change on. */
export type Kept = { ok: true; lease: Lease } | { ok: false; message: string };

/** Pure. `now` is wall-clock milliseconds; the cap of the config is for whoever grants the lease. */
export function leaseOf({ text, mtimeMs }: Found, now: number): Kept {
  const words = text.trim();
  if (words === '' || words === 'off') return { ok: false, message: '' };
  try {
    const ms = parseDuration(words);
    const at = new Date(now).toISOString();
    // A change in the future counts as one of now.
    const until = new Date(Math.min(mtimeMs, now) + ms).toISOString();
    return { ok: true, lease: { until, at, by: 'file', mtimeMs, text: words } };
  } catch (error) {
    if (!(error instanceof WorkdockError)) throw error;
    const meant = durationMeant(words);
    const shown = JSON.stringify(words.slice(0, MOST_BYTES));
    return { ok: false, message: `${shown} is no duration; write ${meant ?? '2h, 90m or 1d'}` };
  }
}

/**
 * The lease that a home asks for. A message when what is there cannot be one; undefined when there is nothing.
 * @throws when the disk of the home does not answer: then nothing is known.
 */
export async function readKeep(home: string, owner: Owner, now: number): Promise<Kept | undefined> {
  try {
    const found = await readFromHome(home, owner, { name: KEEP, mostBytes: MOST_BYTES });
    return found && leaseOf(found, now);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A disk that is away says nothing about what its owner wants.
    if (code === 'ETIMEDOUT' || code === 'EIO' || code === 'ESTALE') throw error;
    return { ok: false, message: `it cannot be read (${code}): it must be a plain file in a plain folder` };
  }
}
