import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { scratchFolder, serveApi } from '../support/api.ts';
import { run } from '../support/cli.ts';
import { memoryService, workspace } from '../support/service.ts';

const lab = () =>
  memoryService([
    workspace('zoe', { labels: { lab: 'neuro' } }),
    workspace('ada', { labels: { lab: 'neuro', course: 'stats' } }),
    workspace('bob', { phase: 'Held', labels: { lab: 'bio' } }),
    workspace('eve', { phase: 'Failed', message: 'no image\n\u001b[2Jx on this engine' }),
  ]);

test('get prints a table with problems first, one line each, without colour into a pipe', async () => {
  const { state } = await serveApi(lab());
  const { code, stdout, stderr } = await run(['get'], { state });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.replace(/ [0-9]+d /g, ' 9d ').replace(/ +/g, ' ')).toMatchInlineSnapshot(`
    "NAME OWNER PHASE SINCE CPU MEM/LIMIT IDLE RESTS MESSAGE
    eve eve Failed 9d 2 1.2Gi/8Gi - - no image [2Jx on this engine
    ada ada Running 9d 2 1.2Gi/8Gi - -
    zoe zoe Running 9d 2 1.2Gi/8Gi - -
    bob bob Held 9d 2 1.2Gi/8Gi - -
    "
  `);
});

test('get by names, by labels and as names only', async () => {
  const { state } = await serveApi(lab());
  const names = async (...args: string[]) => (await run(['ls', '-o', 'name', ...args], { state })).stdout.split('\n');
  expect(await names('bob', 'ada')).toEqual(['ada', 'bob', '']);
  expect(await names('-l', 'lab=neuro')).toEqual(['ada', 'zoe', '']);
  expect(await names('-l', 'lab!=bio,lab')).toEqual(['ada', 'zoe', '']);
});

test('get for programs: JSON that jq reads, the same as YAML', async () => {
  const { state } = await serveApi(lab());
  const json = (await run(['get', '-o', 'json'], { state })).stdout;
  const rows = JSON.parse(json) as { name: string }[];
  expect(rows.map(({ name }) => name)).toEqual(['eve', 'ada', 'zoe', 'bob']);
  expect(parse((await run(['get', '-o', 'yaml'], { state })).stdout)).toEqual(rows);
  const jq = promisify(execFile)('jq', ['-r', '.[] | select(.phase == "Failed") | .name'], { encoding: 'utf8' });
  jq.child.stdin?.end(json);
  expect((await jq).stdout).toBe('eve\n');
});

test('an unknown name is 5, among others 8 with the others printed', async () => {
  const { state } = await serveApi(lab());
  const one = await run(['get', 'nobody'], { state });
  expect([one.code, one.stdout]).toEqual([5, '']);
  expect(one.stderr).toBe('workdock: no workspace nobody\n  hint: `workdock get` lists them\n');
  const two = await run(['get', 'nobody', 'ada', '-o', 'name'], { state });
  expect([two.code, two.stdout]).toEqual([8, 'ada\n']);
});

test('a file that is no workspace yet is named beside the table, and does not disturb programs', async () => {
  const problem = { file: 'specs/new.yaml', line: 5, column: 3, path: 'spec', message: 'spec needs owner' };
  const { state } = await serveApi({ ...lab(), problems: () => [problem] });
  const table = await run(['get'], { state });
  expect([table.code, table.stdout.split('\n').length, table.stderr]).toEqual([
    0,
    6,
    'workdock: 1 problem in 1 spec file: `workdock validate`; first specs/new.yaml:5:3 spec needs owner\n',
  ]);
  expect(await run(['get', '-o', 'name', 'ada'], { state })).toEqual({ code: 0, stdout: 'ada\n', stderr: '' });
});

test('the state folder is found by flag, environment, config and place, in this order', async () => {
  const { state } = await serveApi(lab());
  const cwd = await scratchFolder();
  const config = join(cwd, 'workdock.yaml');
  const get = (args: string[], env: Record<string, string> = {}) =>
    run(['get', '-o', 'name', 'ada', ...args], { cwd, env });
  expect((await get(['--state', state], { WORKDOCK_STATE: '/nowhere' })).code, 'flag').toBe(0);
  expect((await get([], { WORKDOCK_STATE: state })).code, 'environment').toBe(0);
  const nobody = await get([]);
  expect([nobody.code, nobody.stderr]).toEqual([4, expect.stringContaining(join(cwd, 'state', 'workdock.sock'))]);
  await writeFile(config, `# state: /comment\nstate: ${state}\n`);
  expect((await get([])).code, 'config here').toBe(0);
  const elsewhere = await run(['get', 'ada', '--config', config], { cwd: '/' });
  expect(elsewhere.code, 'config by flag').toBe(0);
  expect((await get([], { WORKDOCK_STATE: '/nowhere' })).code, 'environment before config').toBe(4);
});

test('no controller is 4 and says what to do', async () => {
  const ran = await run(['get'], { state: await scratchFolder() });
  expect([ran.code, ran.stdout]).toEqual([4, '']);
  expect(ran.stderr).toContain('start it with `workdock up`');
});

test('a reader that has enough ends get quietly, a full disk does not', async () => {
  const service = memoryService(Array.from({ length: 2_000 }, (_, at) => workspace(`w${at}`)));
  const { state } = await serveApi(service);
  const env = { ...process.env, NODE: process.execPath, WORKDOCK_STATE: state };
  const shell = (end: string) =>
    promisify(execFile)('bash', ['--norc', '-c', `set -o pipefail; "$NODE" src/cli.ts get -o json ${end}; echo "$?"`], {
      env,
    });
  expect(await shell('| head -1')).toEqual({ stdout: '[\n0\n', stderr: '' });
  expect(await shell('> /dev/full')).toEqual({ stdout: '8\n', stderr: expect.stringContaining('ENOSPC') });
});

test('get says what holds everybody up, to people and not to programs', async () => {
  const service = lab();
  const bad = { reason: 'Unusable', message: '/srv/specs does not exist', lastTransitionTime: '' };
  service.setHost({
    conditions: [
      { ...bad, type: 'SourceReady', status: 'False' },
      { ...bad, type: 'DiskPressure', status: 'False' },
    ],
  });
  const { state } = await serveApi(service);
  expect((await run(['get'], { state })).stderr).toBe(
    'workdock: SourceReady: Unusable: /srv/specs does not exist; `workdock doctor` says more\n',
  );
  expect((await run(['get', '-o', 'json'], { state })).stderr).toBe('');
});
