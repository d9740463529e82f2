import { realpath } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { ReadRevision } from './commands/plan-git.ts';
import { WorkdockError } from './lib/errors.ts';
import { plain } from './lib/plain-text.ts';
import type { Config } from './model/config.ts';
import { type LocalRepository, openCheckout, openMirrorOf } from './sources/git/local.ts';
import { type Commit, type CommitRead, makeCommitReader } from './sources/git/read-commit.ts';
import { gitMissing } from './sources/git/trouble.ts';
import { gitFolder } from './spec-source.ts';

type Asked = { cwd: string; env: NodeJS.ProcessEnv; config: Config };

/**
 * Reads the spec files of commits out of a checkout, else out of the controller's mirror. Changes neither.
 * @param folder  in the checkout; where the command runs when nobody named one.
 * @throws REFUSED without git; the returned function NOT_FOUND when no repository has the commit, and SPEC_INVALID when
 *         its tree cannot be read as specs.
 */
export async function openRevisions(folder: string, { cwd, env, config }: Asked): Promise<ReadRevision> {
  const checkout = await openCheckout(resolve(cwd, folder), env);
  if ('missing' in checkout) throw new WorkdockError('REFUSED', gitMissing, { hint: 'plan --git needs it' });
  const places: LocalRepository[] = [];
  if (!('refused' in checkout)) places.push(checkout);
  const { source, data } = config;
  if (source !== null) places.push(openMirrorOf(gitFolder(data), source.remote, source.branch, env));

  return async (revision, mayLack = false) => {
    if (!/^[^-\s\p{Cc}][^\s\p{Cc}]{0,199}$/u.test(revision))
      throw new WorkdockError('USAGE', `${plain(revision)} is not a revision`, {
        hint: 'name a commit, branch or tag',
      });
    for (const place of places) {
      const id = await place.idOf(revision);
      if (id === undefined) continue;
      const folders = await foldersOf(place, config);
      return commitOf(await makeCommitReader(place.git, folders, mayLack)(id), revision);
    }
    const where = [
      'refused' in checkout ? `${folder} (${checkout.refused})` : `the checkout ${checkout.top}`,
      ...(source === null ? [] : ['the mirror of the controller']),
    ];
    const hint = 'fetch it first; a CI needs the whole history (fetch-depth: 0)';
    throw new WorkdockError('NOT_FOUND', `no commit ${revision} in ${where.join(' or ')}`, { hint });
  };
}

function commitOf(read: CommitRead, revision: string): Commit {
  if (read.kind === 'read') return read.commit;
  const hint = read.kind === 'broken' ? 'fetch the whole history, without a filter' : 'mend the commit';
  throw new WorkdockError(read.kind === 'broken' ? 'NOT_FOUND' : 'SPEC_INVALID', `${revision}: ${read.message}`, {
    hint,
  });
}

/** Folders of the tree: those of the repository as configured, or the configured folders that lie in this checkout. */
async function foldersOf({ top }: LocalRepository, { source, specs }: Config): Promise<readonly string[] | null> {
  if (source !== null) return source.folders;
  if (top === null) return null;
  const real = (path: string) => realpath(path).catch(() => path);
  const root = await real(top);
  const inside = await Promise.all(specs.map(async (folder) => relative(root, await real(folder))));
  const folders = inside.filter((folder) => !folder.startsWith('..'));
  return folders.length === 0 ? null : folders;
}
