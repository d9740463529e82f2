import type { GitRemote } from '../../lib/git-remote.ts';
import type { SourceTrouble } from '../../model/source.ts';
import { errnoOf } from '../errno.ts';
import type { GitResult } from './run-git.ts';

type Failure = Exclude<GitResult, { kind: 'done' }>;

export const gitMissing = 'git is not installed on this host: install it, or read the specs from a folder';
const noGit: SourceTrouble = { reason: 'GitMissing', message: gitMissing };
/** Of `git ls-remote --exit-code`: the remote answered, and has no such ref. */
const NO_SUCH_REF = 2;

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
const said = (stderr: string): string => (stderr === '' ? '' : ` (git says: ${stderr})`);

const advice: Record<GitRemote['protocol'], string> = {
  ssh:
    'check source.git, source.key and the network; known_hosts must have its host key (ssh-keyscan HOST): ' +
    "compare its fingerprint with its owner's, above all when it has changed",
  https: 'check source.git, the network and the access (~/.netrc of the controller)',
  http: 'check source.git and the network',
  git: 'check source.git and the network',
  file: 'check that source.git is a repository which the controller may read',
};

function transferTrouble(result: Failure, what: string, { protocol }: GitRemote): SourceTrouble {
  switch (result.kind) {
    case 'missing':
      return noGit;
    case 'late':
      return {
        reason: 'FetchTimedOut',
        message: `${what}: no answer within ${seconds(result.afterMs)}${said(result.stderr)}; ${advice[protocol]}`,
      };
    case 'tooLong':
      return { reason: 'FetchFailed', message: `${what}: the answer is too long; ${advice[protocol]}` };
    case 'failed':
      return { reason: 'FetchFailed', message: `${what} failed${said(result.stderr)}; ${advice[protocol]}` };
  }
}

export function askTrouble(result: Failure, remote: GitRemote, branch: string): SourceTrouble {
  if (result.kind === 'failed' && result.code === NO_SUCH_REF) {
    const message = `${remote.url} has no branch ${branch}: push it, or change source.branch`;
    return { reason: 'BranchMissing', message };
  }
  return transferTrouble(result, `asking ${remote.url}`, remote);
}

export const fetchTrouble = (result: Failure, remote: GitRemote, branch: string): SourceTrouble =>
  transferTrouble(result, `fetching ${branch} of ${remote.url}`, remote);

/** The mirror itself: our own disk. */
export function mirrorTrouble(cause: Failure | Error, path: string): SourceTrouble {
  if (!(cause instanceof Error) && cause.kind === 'missing') return noGit;
  const why = cause instanceof Error ? ` (${errnoOf(cause)})` : 'stderr' in cause ? said(cause.stderr) : '';
  const message = `the mirror ${path} cannot be used${why}: make the data folder writable and give it space`;
  return { reason: 'MirrorUnusable', message };
}
