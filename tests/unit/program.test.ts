import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withDashes } from '../../src/commands/exec-words.ts';
import { makeProgram } from '../../src/program.ts';
import { scratchFolder } from '../support/api.ts';

/** The socket that a verb looks for: each names it when nobody answers there. */
async function socketOf(cwd: string, words: string[]): Promise<string | undefined> {
  const argv = withDashes(words);
  const said: string[] = [];
  const hear = (line: string) => void said.push(line);
  const io = { out: hear, err: hear, env: {}, cwd, colour: false, now: () => 0, exitWith: () => {} };
  const program = await makeProgram(argv, io);
  await program.parseAsync(withDashes(argv), { from: 'user' }).catch((error: unknown) => hear(String(error)));
  return /\/\S+\.sock/.exec(said.join('\n'))?.[0] ?? said.join('\n');
}

test.each([
  [['--state', 'x', 'get']],
  [['get', '--state', 'x']],
  [['get', 'ada', '--state', 'x', '-o', 'json']],
  [['stop', 'ada', '--state=x']],
  [['shell', 'ada', '--state', 'x', '-T']],
  [['exec', '--state', 'x', 'ada', '--', 'ls', '-l']],
  [['exec', 'ada', '--state', 'x', '--', 'ls', '--state', 'y']],
  [['--state', 'x', 'exec', 'ada', 'ls', '--state', 'y']],
])('a global flag counts wherever it stands: %j', async (argv) => {
  const cwd = await scratchFolder();
  await mkdir(join(cwd, 'workspaces'));
  expect(await socketOf(cwd, argv)).toBe(join(cwd, 'x', 'workdock.sock'));
});
