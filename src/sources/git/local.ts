import { join } from 'node:path';
import type { GitRemote } from '../../lib/git-remote.ts';
import { localEnvironment, safeArgs } from './environment.ts';
import { mirrorFolder, mirrorRefs } from './mirror.ts';
import type { Git } from './read-commit.ts';
import { runGit } from './run-git.ts';

const LOCAL_MS = 30_000;

/** A repository on this disk, only read. */
export type LocalRepository = {
  git: Git;
  /** Root of its work tree; null of the mirror. */
  top: string | null;
  /** The full id of a commit that is named like people name one; undefined when there is none such. */
  idOf: (revision: string) => Promise<string | undefined>;
};

const makeGit =
  (place: readonly string[], env: NodeJS.ProcessEnv): Git =>
  (args, more = {}) =>
    runGit({ ...more, env, args: [...safeArgs, ...place, ...args], deadlineMs: LOCAL_MS });

async function resolved(git: Git, revision: string): Promise<string | undefined> {
  const found = await git(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  return found.kind === 'done' ? found.stdout.toString('latin1').trim() : undefined;
}

/** The work tree that a folder lies in; what git says when there is none that may be read. */
export async function openCheckout(
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<LocalRepository | { missing: true } | { refused: string }> {
  const git = makeGit(['-C', folder], localEnvironment(env));
  const found = await git(['rev-parse', '--show-toplevel']);
  if (found.kind === 'missing') return { missing: true };
  if (found.kind !== 'done') return { refused: 'stderr' in found ? found.stderr : found.kind };
  const top = found.stdout.toString('utf8').replace(/\n$/, '');
  return { git, top, idOf: (revision) => resolved(git, revision) };
}

/**
 * The mirror of a controller, beside which it may run. Besides ids its branch has its own name there, and is HEAD.
 * @param folder  where the controller keeps it.
 */
export function openMirrorOf(
  folder: string,
  remote: GitRemote,
  branch: string,
  env: NodeJS.ProcessEnv,
): LocalRepository {
  const git = makeGit([`--git-dir=${mirrorFolder(folder)}`], {
    ...localEnvironment(env),
    GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
  });
  const { fetched } = mirrorRefs(remote, branch);
  return {
    git,
    top: null,
    idOf: (revision) => {
      const [name = '', way = ''] = revision
        .split(/(?=[~^@])/, 1)
        .flatMap((head) => [head, revision.slice(head.length)]);
      return resolved(git, name === 'HEAD' || name === branch ? `${fetched}${way}` : revision);
    },
  };
}
