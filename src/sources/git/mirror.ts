import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GitRemote } from '../../lib/git-remote.ts';
import type { SourceTrouble } from '../../model/source.ts';
import { mirrorEnvironment, safeArgs } from './environment.ts';
import { keyProblem } from './key.ts';
import { exists, makeFolder, putAside, sweepLeftovers, writeConfig } from './mirror-folder.ts';
import { endOrphans } from './orphans.ts';
import type { Git } from './read-commit.ts';
import { runGit } from './run-git.ts';
import { askTrouble, fetchTrouble, mirrorTrouble } from './trouble.ts';

/** Longest that each kind of call may take. */
export type GitDeadlines = { askMs: number; fetchMs: number; silenceMs: number; localMs: number };

export type MirrorOptions = {
  /** Folder for the mirror and what belongs to it; ours alone. */
  folder: string;
  remote: GitRemote;
  branch: string;
  key: string | null;
  knownHosts: string | null;
  env: NodeJS.ProcessEnv;
  deadlines: GitDeadlines;
  signal: AbortSignal;
};

type Asked = { id: string } | SourceTrouble;

/** Transfers that stand still are given up by git itself; the pack of a fetch that was killed is taken away. */
const transferArgs = ['-c', 'http.lowSpeedLimit=1000', '-c', 'http.lowSpeedTime=30', '-c', 'fetch.unpackLimit=100'];
/** Small, because every fetch adds a pack or some objects, and pushed-over history is of no use to anybody here. */
const gcArgs = [
  '-c',
  'gc.auto=500',
  '-c',
  'gc.autoPackLimit=20',
  '-c',
  'gc.autoDetach=false',
  '-c',
  'gc.pruneExpire=now',
];

export const mirrorFolder = (folder: string): string => join(folder, 'mirror.git');

/** Names of the refs of one branch of one remote: another one never takes what this one had. */
export const mirrorRefs = ({ url }: GitRemote, branch: string) => {
  const id = createHash('sha256').update(`${url}\0${branch}`).digest('hex').slice(0, 16);
  return { fetched: `refs/workdock/${id}/fetched`, inForce: `refs/workdock/${id}/in-force` };
};

/**
 * Our own bare copy of one branch. It has no work tree, so nothing is ever checked out, and no program that the remote
 * names is run: no hook, filter, submodule or helper.
 */
export function makeMirror(options: MirrorOptions) {
  const { folder, remote, branch, key, knownHosts, deadlines, signal } = options;
  const configFile = join(folder, 'gitconfig');
  const path = mirrorFolder(folder);
  const refs = mirrorRefs(remote, branch);
  const env = mirrorEnvironment(options.env, configFile, { protocol: remote.protocol, key, knownHosts });
  const base = { env, signal };
  let configured = false;
  const git: Git = (args, more = {}) =>
    runGit({ ...base, ...more, args: [...safeArgs, `--git-dir=${path}`, ...args], deadlineMs: deadlines.localMs });

  const idOf = async (ref: string): Promise<string | undefined> => {
    const found = await git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
    return found.kind === 'done' ? found.stdout.toString('latin1').trim() : undefined;
  };

  return {
    git,
    /** Once, before anything else: what an earlier process left running. */
    endOrphans: () => endOrphans(path),
    /** Makes it when it is not there, for ids like `id`, and takes away what a killed git left. */
    open: async (id = ''): Promise<SourceTrouble | undefined> => {
      try {
        await makeFolder(folder);
        if (!configured || !(await exists(configFile))) {
          await writeConfig(configFile, [path, ...(await trustedPlaces(remote))]);
        }
        configured = true;
        if (await exists(path)) await sweepLeftovers(path);
        if (await exists(join(path, 'HEAD'))) return undefined;
        const args = [...safeArgs, 'init', '--quiet', '--bare', '--template=', `--object-format=${formatOf(id)}`, path];
        const made = await runGit({ ...base, args, deadlineMs: deadlines.localMs });
        return made.kind === 'done' ? undefined : mirrorTrouble(made, path);
      } catch (error) {
        return mirrorTrouble(error as NodeJS.ErrnoException, path);
      }
    },
    /** Whether it can hold commits with ids like this one: a repository has ids of one kind. */
    suits: async (id: string): Promise<boolean> => {
      const found = await git(['rev-parse', '--show-object-format']);
      return found.kind !== 'done' || found.stdout.toString('latin1').trim() === formatOf(id);
    },
    /** Where the branch is now, without fetching anything. */
    ask: async (): Promise<Asked> => {
      const unusable = key === null ? undefined : await keyProblem(key);
      if (unusable !== undefined) return { reason: 'KeyUnusable', message: unusable };
      const ref = `refs/heads/${branch}`;
      const args = [
        ...safeArgs,
        ...transferArgs,
        `--git-dir=${path}`,
        'ls-remote',
        '--exit-code',
        '--',
        remote.url,
        ref,
      ];
      const found = await runGit({ ...base, args, deadlineMs: deadlines.askMs });
      if (found.kind !== 'done') return askTrouble(found, remote, branch);
      const lines = found.stdout.toString('utf8').split('\n');
      const id = lines.find((line) => line.endsWith(`\t${ref}`))?.split('\t')[0];
      return id === undefined ? askTrouble({ kind: 'failed', code: 2, stderr: '' }, remote, branch) : { id };
    },
    /** Brings what the branch has now; a force-pushed one too. It was fetched as a whole, or nothing has changed. */
    fetch: async (): Promise<SourceTrouble | undefined> => {
      const { fetchMs: deadlineMs, silenceMs } = deadlines;
      const flags = ['--progress', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--update-shallow'];
      const what = ['--', remote.url, `+refs/heads/${branch}:${refs.fetched}`];
      const args = [...safeArgs, ...transferArgs, `--git-dir=${path}`, 'fetch', ...flags, ...what];
      const done = await runGit({ ...base, args, deadlineMs, silenceMs });
      if (done.kind === 'done') return undefined;
      await sweepLeftovers(path).catch(() => undefined);
      return fetchTrouble(done, remote, branch);
    },
    fetched: () => idOf(refs.fetched),
    /** The commit that was taken over last; kept so that a restart without the remote goes on with it. */
    inForce: () => idOf(refs.inForce),
    takeOver: async (id: string): Promise<void> => {
      await git(['update-ref', refs.inForce, id]);
    },
    /** Packs and prunes; `whole`: whether or not git's guess is that there is enough to do. */
    tidy: async (whole: boolean): Promise<void> => {
      const how = whole ? ['--prune=now'] : ['--auto'];
      const args = [...safeArgs, ...gcArgs, `--git-dir=${path}`, 'gc', '--quiet', ...how];
      const done = await runGit({ ...base, args, deadlineMs: deadlines.fetchMs });
      if (done.kind !== 'done') await sweepLeftovers(path).catch(() => undefined);
    },
    /** Reads every object: for the question whose fault a failed fetch was. */
    sound: async (): Promise<boolean> => {
      const args = [...safeArgs, `--git-dir=${path}`, 'fsck', '--full', '--no-dangling', '--no-progress'];
      const done = await runGit({ ...base, args, deadlineMs: deadlines.fetchMs });
      return done.kind !== 'failed';
    },
    /** For a damaged one: begins anew. */
    putAside: (): Promise<void> => putAside(path),
  };
}

/** Hex digits of the two kinds of ids that git has. */
const formatOf = (id: string): 'sha1' | 'sha256' => (id.length === 64 ? 'sha256' : 'sha1');

export type Mirror = ReturnType<typeof makeMirror>;

/** A repository on this machine that another account owns: whoever names it in the config trusts it. */
async function trustedPlaces({ url, protocol }: GitRemote): Promise<string[]> {
  if (protocol !== 'file') return [];
  const given = url.startsWith('file://') ? fileURLToPath(url) : url;
  const real = await realpath(given).catch(() => given);
  return [...new Set([given, real].flatMap((place) => [place, `${place}/.git`]))];
}
