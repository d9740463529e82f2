import { execFile } from 'node:child_process';
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { plain } from '../lib/plain-text.ts';

const run = promisify(execFile);
const GIT_MS = 2_000;
const OUTPUT_BYTES = 8 * 1024 * 1024;

/** Replaced by every checkout, commit and reset. */
const marks = ['index', 'HEAD', 'logs/HEAD'];

/** HEAD, and what of the tree is not as HEAD has it. Paths are real and absolute; a folder ends with `/`. */
export type Revision = { commit: string; author: string; changed: Set<string> };

/** The git folder that governs `folder`, in it or above; null outside a work tree. Also for linked work trees. */
export async function findGitFolder(folder: string): Promise<string | null> {
  const candidate = join(folder, '.git');
  const found = await lstat(candidate).catch(() => null);
  if (found?.isDirectory()) return candidate;
  if (found?.isFile()) {
    const target = /^gitdir: (.+)$/m.exec(await readFile(candidate, 'utf8').catch(() => ''))?.[1];
    return target === undefined ? null : resolve(folder, target);
  }
  return dirname(folder) === folder ? null : findGitFolder(dirname(folder));
}

/** Differs after everything that moves HEAD or rewrites the tree. */
export async function gitMark(gitFolder: string): Promise<string> {
  const found = await Promise.all(marks.map((mark) => stat(join(gitFolder, mark), { bigint: true }).catch(() => null)));
  return found.map((one) => (one === null ? '-' : `${one.ino}:${one.size}:${one.mtimeNs}`)).join(' ');
}

/** Git's own variables would lead to another repository; a lock of ours would disturb people and ourselves. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(own), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
}

/** Reads a work tree. @throws when git is missing, refuses or takes too long (`killed`). */
export async function git(folder: string, args: string[], input = ''): Promise<string> {
  // A repository's own config could name a program to run; specs folders may be clones of other people's work.
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
  const options = { timeout: GIT_MS, maxBuffer: OUTPUT_BYTES, env: environment() };
  const running = run('git', ['-C', folder, ...safe, ...args], options);
  running.child.stdin?.on('error', () => undefined).end(input);
  return (await running).stdout;
}

/** Null without git, without a commit, or when git refuses or takes too long: a revision is good to know, no more. */
export async function revisionOf(folder: string): Promise<Revision | null> {
  const states = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching'];
  try {
    const [head, author, status] = await Promise.all([
      git(folder, ['rev-parse', '--show-toplevel', 'HEAD']),
      git(folder, ['log', '-1', '--no-show-signature', '--format=%an <%ae>', 'HEAD']),
      git(folder, ['status', ...states, '--', '.']),
    ]);
    const [top = '', commit = ''] = head.split('\n');
    const root = await realpath(top);
    const paths = status.split('\0').filter((line) => line !== '');
    return { commit, author: plain(author), changed: new Set(paths.map((line) => join(root, line.slice(3)))) };
  } catch {
    return null;
  }
}

/** `<sha>`, or `<sha>+dirty` when the file is not as that commit has it. */
export function commitOf(real: string, { commit, changed }: Revision): string {
  for (let path = real; path !== dirname(path); path = dirname(path)) {
    if (changed.has(path) || changed.has(`${path}/`)) return `${commit}+dirty`;
  }
  return commit;
}
