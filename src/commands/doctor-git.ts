import type { Check } from './doctor-checks.ts';

/** The first with GIT_CONFIG_GLOBAL, without which a user's config could name programs to run. */
const OLDEST_GIT = [2, 32] as const;

/** `isSource`: the specs come from a repository; otherwise git only says which commit the files are of. */
export function gitCheck(version: string | null, isSource: boolean): Check {
  const name = 'git';
  const mend = 'install git, or read the specs from a folder (take `source` out of the config)';
  if (version === null) {
    if (isSource) return { name, result: 'bad', message: 'not installed, and the specs come from a repository', mend };
    return { name, result: 'unknown', message: 'not installed: the commit of spec files is not told' };
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fine = major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1]);
  if (fine || !isSource) return { name, result: 'ok', message: version };
  const message = `${version} is older than ${OLDEST_GIT.join('.')}`;
  return { name, result: 'bad', message, mend: 'install a newer git; an older one reads configs of its user' };
}
