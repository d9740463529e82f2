import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './scans.ts';

const author = ['-c', 'user.name=Ada L', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgsign=false'];

/** A repository as people have it: a work tree on branch main. Nothing in it until the first `commit`. */
export function makeRepository(root = temporaryFolder()) {
  mkdirSync(root, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', root, ...author, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  git('init', '-q', '-b', 'main');
  return {
    root,
    git,
    write: (path: string, text: string | Buffer): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    link: (path: string, target: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(target, join(root, path));
    },
    remove: (path: string): void => rmSync(join(root, path), { recursive: true }),
    /** Does what git refuses to end well: a merge with conflicts. */
    stops: (...args: string[]): void => {
      try {
        git(...args);
      } catch {
        return;
      }
      throw new Error(`git ${args.join(' ')} was to stop`);
    },
    /** Returns the id of the commit. */
    commit: (message = 'a change', ...more: string[]): string => {
      git('add', '-A');
      git(...more, 'commit', '-qm', message, '--allow-empty');
      return git('rev-parse', 'HEAD');
    },
  };
}

export type Repository = ReturnType<typeof makeRepository>;
