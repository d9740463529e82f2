import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../support/cli.ts';
import { templateText, workspaceText } from '../support/spec-texts.ts';

/** A folder of its own, with these files in it. */
async function lab(files: Record<string, string> = {}) {
  const cwd = await mkdtemp(join(tmpdir(), 'workdock-offline-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  await mkdir(join(cwd, 'workspaces'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(cwd, name, '..'), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return {
    cwd,
    workdock: (...args: string[]) => run(args, { cwd }),
    read: (name: string) => readFile(join(cwd, name), 'utf8'),
  };
}

test('validate counts what is sound', async () => {
  const { workdock } = await lab({
    'workspaces/ada.yaml': workspaceText('ada', 'template: neuro'),
    'workspaces/neuro/t.yml': templateText('neuro', 'drift: Report'),
    'workspaces/notes.txt': 'kind: [',
    'workspaces/.hidden.yaml': 'kind: [',
    'workspaces/.git/x.yaml': 'kind: [',
  });
  expect(await workdock('validate')).toEqual({ code: 0, stdout: '', stderr: '1 workspace, 1 template: ok\n' });
});

test('validate of one file knows what it stands among: its template, and another of its name', async () => {
  const { workdock } = await lab({
    'workspaces/ada.yaml': workspaceText('ada', 'template: neuro'),
    'workspaces/neuro/t.yml': templateText('neuro', 'drift: Report'),
    'workspaces/broken.yaml': workspaceText('bob', 'state: running'),
    'alone.yaml': workspaceText('eve', 'template: neuro'),
  });
  expect(await workdock('validate', 'workspaces/ada.yaml')).toEqual({
    ...{ code: 0, stdout: '', stderr: '1 workspace, 0 templates: ok\n' },
  });
  expect((await workdock('validate', 'workspaces/neuro')).stderr).toBe('0 workspaces, 1 template: ok\n');
  expect((await workdock('validate', 'alone.yaml')).stderr).toMatch(/alone.yaml:6:13: there is no template neuro/);
  await workdock('new', 'zoe');
  await workdock('new', 'zoe2');
  expect((await workdock('new', 'zoe3', '--owner', 'zoe2')).stderr).toMatch(/home users\/zoe2 is also claimed/);
});

test('new writes only what is read as a spec', async () => {
  const { cwd, workdock } = await lab();
  for (const file of ['ada.txt', '.ada.yaml', 'ada', 'x/.yaml']) {
    expect(await workdock('new', 'ada', '--file', file)).toMatchObject({ code: 2, stdout: '' });
  }
  expect(await readdir(cwd)).toEqual(['workspaces']);
  expect((await workdock('new', 'ada', '--file', 'team/ada.yml')).stdout).toBe('team/ada.yml\n');
});

test('import says in which file a name is declared already', async () => {
  const { cwd, workdock } = await lab({ 'workspaces/team/ada.yaml': workspaceText('ada') });
  await writeFile(join(cwd, 'people.csv'), 'name\nada\n');
  const { code, stderr } = await workdock('import', 'people.csv');
  expect(code).toBe(8);
  expect(stderr).toMatch(/^people.csv:2: ada is declared already, in workspaces\/team\/ada.yaml$/m);
});

test('validate says file, line and column with a caret and what was meant, and exits 3', async () => {
  const { workdock } = await lab({ 'workspaces/ada.yaml': workspaceText('ada', 'memory: 8Gi', 'state: running') });
  const { code, stdout, stderr } = await workdock('validate');
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatchInlineSnapshot(`
    "workspaces/ada.yaml:6:3: unknown field "memory"
      6 |   memory: 8Gi
        |   ^
        = did you mean spec.resources.memory?
    workspaces/ada.yaml:7:10: state must be Running or Stopped or OnDemand
      7 |   state: running
        |          ^
        = did you mean Running?
    workdock: 2 problems in 1 of 1 file
    "
  `);
});

test('validate -o json has the same as data, and keeps the exit code', async () => {
  const { workdock } = await lab({ 'workspaces/ada.yaml': workspaceText('ada', 'state: running') });
  const { code, stdout, stderr } = await workdock('validate', '-o', 'json');
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    files: 1,
    workspaces: 1,
    problems: [
      { file: 'workspaces/ada.yaml', line: 6, column: 10, path: 'spec.state', suggestion: 'did you mean Running?' },
    ],
  });
});

test('validate reads by the rules of the controller: links inside, sizes, encodings; no such path is 5', async () => {
  const { cwd, workdock } = await lab({ 'workspaces/big.yaml': `#${'x'.repeat(70_000)}`, 'outside.yaml': 'kind: [' });
  await writeFile(join(cwd, 'workspaces/latin.yaml'), Buffer.from([0x6b, 0xe4]));
  await symlink(join(cwd, 'outside.yaml'), join(cwd, 'workspaces/link.yaml'));
  const { code, stderr } = await workdock('validate');
  expect(code).toBe(3);
  expect(stderr).toMatch(/big.yaml:1:1: .*64 KiB/);
  expect(stderr).toMatch(/latin.yaml:1:1: .*UTF-8/);
  expect(stderr).not.toMatch(/kind: \[/);
  expect((await workdock('validate', 'nowhere')).code).toBe(5);
});

test('a config that is not valid stops every verb that reads it, with 3', async () => {
  const { workdock } = await lab({ 'workdock.yaml': 'resynk: 30s\n' });
  const { code, stderr } = await workdock('validate');
  expect(code).toBe(3);
  expect(stderr).toMatch(/workdock.yaml:1:1: unknown field "resynk"[\s\S]*did you mean resync\?/);
});

test('init writes what validates, says so before with --dry-run, and overwrites nothing', async () => {
  const { cwd, workdock, read } = await lab({ 'workdock.yaml': 'instance: mine\n' });
  await rm(join(cwd, 'workspaces'), { recursive: true });
  const dry = await workdock('init', '--dry-run');
  expect(dry.stdout).toBe('kept  workdock.yaml\nwould write  workspaces/example.yaml\nwould write  .gitignore\n');
  expect(await readdir(cwd)).toEqual(['workdock.yaml']);
  expect((await workdock('init')).stdout).toBe(
    'kept  workdock.yaml\nwritten  workspaces/example.yaml\nwritten  .gitignore\n',
  );
  expect(await read('workdock.yaml')).toBe('instance: mine\n');
  expect(await workdock('validate')).toMatchObject({ code: 0, stderr: '1 workspace, 0 templates: ok\n' });
  expect((await workdock('init', 'elsewhere')).code).toBe(0);
  const elsewhere = ['--config', 'elsewhere/workdock.yaml', 'validate'];
  expect(await workdock(...elsewhere)).toMatchObject({ code: 0, stderr: '1 workspace, 0 templates: ok\n' });
});

test('new writes a spec that validates; what would not, or is there already, is refused', async () => {
  const { workdock, read } = await lab({ 'workspaces/t.yaml': templateText('gpu', 'drift: Heal') });
  expect(await workdock('new', 'ada')).toMatchObject({ code: 0, stdout: 'workspaces/ada.yaml\n' });
  expect(
    (await workdock('new', 'eve', '--owner', 'eva', '--template', 'gpu', '--file', 'workspaces/x/e.yaml')).code,
  ).toBe(0);
  expect(await read('workspaces/x/e.yaml')).toBe(
    workspaceText('eve', 'template: gpu').replace('owner: eve', 'owner: eva'),
  );
  expect((await workdock('validate')).code).toBe(0);
  const before = await read('workspaces/ada.yaml');
  expect(await workdock('new', 'ada')).toMatchObject({ code: 7, stdout: '' });
  expect(await workdock('new', 'bob', '--file', 'workspaces/ada.yaml')).toMatchObject({ code: 7 });
  expect(await read('workspaces/ada.yaml')).toBe(before);
  for (const args of [['Ada'], ['root'], ['max', '--template', 'gpux'], ['ada2', '--owner', 'ada'], ['../x']]) {
    expect(await workdock('new', ...args), args.join(' ')).toMatchObject({ code: 3, stdout: '' });
  }
});

test('import writes one spec per person, tells rows that fail by line, exits 8, and can be repeated', async () => {
  const rows = [
    '\ufeffname;email;lab;memory',
    '"Lovelace; Ada";ada@x.ch;Neuro Lab;4Gi',
    'José Álvarez;;;',
    'Bob;;;8GB',
    'root;;;',
  ];
  const { cwd, workdock, read } = await lab({ 'people.csv': `${rows.join('\r\n')}\r\n` });
  const dry = await workdock('import', 'people.csv', '--dry-run');
  expect(dry).toMatchObject({
    code: 8,
    stdout: 'would write  workspaces/lovelace-ada.yaml\nwould write  workspaces/jose-alvarez.yaml\n',
  });
  expect(await readdir(join(cwd, 'workspaces'))).toEqual([]);

  const { code, stdout, stderr } = await workdock('import', 'people.csv');
  expect(code).toBe(8);
  expect(stdout).toBe('written  workspaces/lovelace-ada.yaml\nwritten  workspaces/jose-alvarez.yaml\n');
  expect(stderr).toMatch(/people.csv:4: memory must be a size .*did you mean 8Gi\?/);
  expect(stderr).toMatch(/people.csv:5: owner root is the name of a system account/);
  expect(await read('workspaces/lovelace-ada.yaml')).toMatch(
    /name: lovelace-ada, labels: \{lab: Neuro-Lab\}[\s\S]*owner: ada/,
  );
  expect(await workdock('validate')).toMatchObject({ code: 0, stderr: '2 workspaces, 0 templates: ok\n' });

  await writeFile(join(cwd, 'workspaces/jose-alvarez.yaml'), workspaceText('jose-alvarez', 'drift: Report'));
  const again = await workdock('import', 'people.csv');
  expect(again.stdout).toBe('kept  workspaces/lovelace-ada.yaml\n');
  expect(again.stderr).toMatch(/people.csv:3: workspaces\/jose-alvarez.yaml exists and says something else/);
  expect(await read('workspaces/jose-alvarez.yaml')).toMatch(/drift: Report/);
});

test('import into another folder, with a template; no list is 5, a list without names 2', async () => {
  const { workdock, read } = await lab({
    'workspaces/t.yaml': templateText('neuro', 'drift: Heal'),
    'people.csv': 'owner\nada\n',
    'wrong.csv': 'first,last\nAda,Lovelace\n',
  });
  const done = await workdock('import', 'people.csv', '--out', 'workspaces/neuro', '--template', 'neuro');
  expect(done).toMatchObject({ code: 0, stdout: 'written  workspaces/neuro/ada.yaml\n' });
  expect(await read('workspaces/neuro/ada.yaml')).toBe(workspaceText('ada', 'template: neuro'));
  expect((await workdock('import', 'nowhere.csv')).code).toBe(5);
  expect((await workdock('import', 'wrong.csv')).code).toBe(2);
});

test('schema prints what is committed for editors', async () => {
  const { workdock } = await lab();
  const committed = (name: string) => readFile(new URL(`../../schema/${name}`, import.meta.url), 'utf8');
  expect((await workdock('schema')).stdout).toBe(await committed('workspace.v1.json'));
  expect((await workdock('schema', 'config')).stdout).toBe(await committed('config.v1.json'));
});
