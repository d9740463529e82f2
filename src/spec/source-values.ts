import { isAbsolute, posix, resolve } from 'node:path';
import { parseDuration } from '../lib/duration.ts';
import { branchProblem, parseRemote } from '../lib/git-remote.ts';
import type { GitConfig } from '../model/config.ts';
import type { ConfigV1 } from './config-schema.ts';
import type { Complaint } from './rules/rule.ts';

/** What `source` has when it is there and does not say so. */
export const builtInSource = { branch: 'main', interval: '1m' } as const;

type Written = NonNullable<ConfigV1['source']>;

/** `source` in absolute paths and milliseconds. `specs` are folders of the repository: null when nobody named any. */
export function sourceValues(written: Written, specs: readonly string[] | undefined, folder: string): GitConfig {
  const { git, key, knownHosts } = written;
  const { branch, interval } = { ...builtInSource, ...written };
  const parsed = parseRemote(git, folder);
  const absolute = (path: string | undefined) => (path === undefined ? null : resolve(folder, path));
  return {
    git,
    remote: parsed.ok ? parsed.remote : { url: git, protocol: 'file' },
    branch,
    intervalMs: parseDuration(interval),
    key: absolute(key),
    knownHosts: absolute(knownHosts),
    folders: specs === undefined ? null : specs.map(treeFolder),
  };
}

/** `./lab/` as git names it: `lab`; the root is empty. */
const treeFolder = (path: string): string => {
  const normal = posix.normalize(path).replace(/\/$/, '');
  return normal === '.' ? '' : normal;
};

export function sourceComplaints({ git, branch, intervalMs, key, knownHosts, folders }: GitConfig): Complaint[] {
  const parsed = parseRemote(git, '/');
  const branchWrong = branchProblem(branch);
  const complaints: Complaint[] = [];
  if (!parsed.ok) complaints.push({ path: 'source.git', message: parsed.message, suggestion: parsed.suggestion });
  if (branchWrong !== undefined) complaints.push({ path: 'source.branch', message: branchWrong });
  if (intervalMs < 1_000) complaints.push({ path: 'source.interval', message: 'source.interval must be at least 1s' });
  for (const [path, file] of [
    ['source.key', key],
    ['source.knownHosts', knownHosts],
  ] as const) {
    // ssh_config(5) has no way to write it.
    if (file !== null && /["\n\r]/.test(file)) complaints.push({ path, message: 'the path has a quote or a newline' });
    if (file !== null && parsed.ok && parsed.remote.protocol !== 'ssh') {
      complaints.push({ path, message: `is for ssh, and source.git is not`, suggestion: 'take it out, or use ssh' });
    }
  }
  for (const [at, folder] of (folders ?? []).entries()) {
    if (isAbsolute(folder) || folder === '..' || folder.startsWith('../')) {
      const message = `with \`source\` this is a folder of the repository, and ${folder} is not in it`;
      complaints.push({ path: `specs.${at}`, message, suggestion: 'write it as the repository has it' });
    }
  }
  return complaints;
}
