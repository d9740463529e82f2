import { runGit } from './run-git.ts';

const VERSION_MS = 5_000;

/** `2.39.5`; null without git, or with one that does not answer. */
export async function gitVersion(env: NodeJS.ProcessEnv): Promise<string | null> {
  const found = await runGit({ args: ['--version'], env, deadlineMs: VERSION_MS });
  return found.kind === 'done' ? (/\d+(?:\.\d+)+/.exec(found.stdout.toString('utf8'))?.[0] ?? null) : null;
}
