import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { makeLab } from '../support/make-lab.ts';

const run = promisify(execFile);

/** A project that has the packed package in its node_modules, and beside it what the package depends on. */
async function outsideProject(): Promise<{ folder: string; files: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'workdock-outside-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder]);
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const home = join(folder, 'node_modules/workdock');
  mkdirSync(home, { recursive: true });
  await run('tar', ['-xzf', join(folder, packed.filename), '-C', home, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve('node_modules', name), link);
  }
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  return { folder, files: packed.files.map(({ path }) => path) };
}

const program = `
import { openWorkspaces, WorkdockError, type GotOrCreated, type WorkspaceSpec } from 'workdock';

const spec: WorkspaceSpec = { resources: { memory: '96Mi', cpu: 0.5 }, state: 'Running', idle: { timeout: '30m' } };
const [root, prefix] = process.argv.slice(2) as [string, string];
await openWorkspaces({ state: root }).catch((error: unknown) => {
  if (!(error instanceof WorkdockError)) throw error;
  console.log(error.code);
});
const workspaces = await openWorkspaces({
  embed: true,
  config: { prefix, allowedImages: ['workdock-*'], defaults: { image: 'workdock-test:latest' } },
  state: root + '/state',
  data: root + '/data',
});
const { outcome, status }: GotOrCreated = await workspaces.getOrCreate('ada', spec);
console.log(outcome, status.phase);
await workspaces.close();
`;

const mistakes = `import type { WorkspaceSpec } from 'workdock';
export const field: WorkspaceSpec = { memmory: '4Gi' };
export const word: WorkspaceSpec = { state: 'Runing' };
`;

/** What the compiler says about files of the project. */
async function compileErrors(folder: string, files: string[]): Promise<string[]> {
  const options = { module: 'NodeNext', target: 'ES2024', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  const tsc = run(resolve('node_modules/.bin/tsc'), ['-p', '.'], { cwd: folder });
  const { stdout } = await tsc.catch((error: { stdout: string }) => error);
  return stdout.split('\n').filter((line) => line.includes('error TS'));
}

const exampleSays = (outcome: string) => [
  `ada: ${outcome}, Running`,
  'ada: exit code 0, lesson 3 of ada',
  'ada: 3 lines, exit code 0',
  expect.stringMatching(/^ada: kept, /),
  'ada: Held',
  'ada: REFUSED, workdock start ada',
];

test('a project outside installs the package, compiles against its types, and runs the example both ways', async () => {
  const { folder, files } = await outsideProject();
  for (const file of ['dist/index.js', 'dist/index.d.ts', 'dist/cli.js', 'bin/workdock', 'LICENSE', 'README.md']) {
    expect(files).toContain(file);
  }
  expect(files.filter((file) => /^(?:tests|bench|src|state|data)\/|\.tgz$/.test(file))).toEqual([]);
  writeFileSync(join(folder, 'use.ts'), program);
  writeFileSync(join(folder, 'mistakes.ts'), mistakes);
  copyFileSync('examples/library.ts', join(folder, 'library.ts'));
  expect(await compileErrors(folder, ['use.ts', 'library.ts', 'mistakes.ts'])).toEqual([
    expect.stringMatching(/^mistakes\.ts.2,.*memmory/),
    expect.stringMatching(/^mistakes\.ts.3,/),
  ]);
  const say = async (...args: string[]) =>
    (await run(process.execPath, args, { cwd: folder })).stdout.trim().split('\n');

  const lab = makeLab();
  expect(await say('library.ts', 'embedded', lab.root)).toEqual(exampleSays('created'));
  // The workspaces are there without it, and a controller of the usual kind goes on with them.
  await lab.up();
  expect((await lab.cli('start', 'ada', '--wait')).code).toBe(0);
  expect(await say('library.ts', 'client', lab.state)).toEqual(exampleSays('unchanged'));

  const other = makeLab();
  expect(await say('use.ts', other.root, other.prefix)).toEqual(['CONTROLLER_UNREACHABLE', 'created Running']);
  const version = await run(join(folder, 'node_modules/workdock/bin/workdock'), ['version', '-o', 'json'], {
    cwd: folder,
  });
  expect(version.stdout).toContain('0.1.0');
});
