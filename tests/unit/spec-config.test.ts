import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WorkdockError } from '../../src/lib/errors.ts';
import { type ConfigAsked, loadConfig } from '../../src/spec/config.ts';

async function folder(text?: string) {
  const cwd = await mkdtemp(join(tmpdir(), 'workdock-config-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  if (text !== undefined) await writeFile(join(cwd, 'workdock.yaml'), text);
  return cwd;
}
const load = async (text?: string, rest: Partial<ConfigAsked> = {}) =>
  loadConfig({ env: {}, cwd: await folder(text), ...rest });
const failure = async (text: string, rest: Partial<ConfigAsked> = {}) => {
  const error = await load(text, rest).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof WorkdockError)) throw new Error('no WorkdockError', { cause: error });
  return `${error.code} ${error.message}`;
};

test('without a file everything is built in, and paths start where the command runs', async () => {
  const cwd = await folder();
  expect(await loadConfig({ env: {}, cwd })).toEqual({
    file: null,
    instance: 'default',
    prefix: 'ws-',
    specs: [join(cwd, 'workspaces')],
    source: null,
    state: join(cwd, 'state'),
    data: join(cwd, 'data'),
    defaults: {},
    users: {},
    uidRange: { first: 20_000, last: 59_999 },
    allowedImages: ['workdock-workspace:latest'],
    mountRoots: [],
    secretsRoot: null,
    network: { subnet: null },
    resyncMs: 30_000,
    settleMs: 300,
    endMarker: 'Optional',
    idle: { intervalMs: 30_000, maxKeepMs: 7 * 86_400_000 },
    limits: { parallel: 8, disruptions: 1 },
    deletion: { graceMs: 60_000, removeAfterMs: 604_800_000 },
    guard: { windowMs: 600_000, removals: 0.2, disruptions: 0.2 },
  });
});

test('flag > environment > ./workdock.yaml, and paths start at the file', async () => {
  const cwd = await folder('instance: here\n');
  for (const name of ['flag', 'env']) {
    await mkdir(join(cwd, name));
    await writeFile(join(cwd, name, 'w.yaml'), `instance: ${name}\nstate: ./s\n`);
  }
  const env = { WORKDOCK_CONFIG: 'env/w.yaml' };
  expect((await loadConfig({ env: {}, cwd })).instance).toBe('here');
  expect(await loadConfig({ env, cwd })).toMatchObject({ instance: 'env', state: join(cwd, 'env', 's') });
  expect((await loadConfig({ flagFile: 'flag/w.yaml', env, cwd })).instance).toBe('flag');
  const elsewhere = { ...env, WORKDOCK_STATE: 'elsewhere' };
  expect((await loadConfig({ env: elsewhere, cwd })).state).toBe(join(cwd, 'elsewhere'));
  expect((await loadConfig({ env: elsewhere, cwd, overrides: { state: 's2' } })).state).toBe(join(cwd, 's2'));
  const overrides = { state: 's2', specs: ['a', 'b'], instance: 'x' };
  expect(await loadConfig({ env, cwd, overrides })).toMatchObject({
    instance: 'x',
    state: join(cwd, 's2'),
    specs: [join(cwd, 'a'), join(cwd, 'b')],
  });
});

test('a file that is named and not there is a usage error', async () => {
  expect(await failure('', { flagFile: 'nowhere.yaml' })).toMatch(/^USAGE cannot read the config/);
});

test('it is as strict as a spec, and tells the place', async () => {
  expect(await failure('resynk: 30s\ndefaults: {resources: {memory: 8g}}\n')).toMatchInlineSnapshot(`
    "CONFIG_INVALID workdock.yaml is not a valid config
    workdock.yaml:1:1: unknown field "resynk"
      1 | resynk: 30s
        | ^
        = did you mean resync?
    workdock.yaml:2:32: memory must be a size such as 512Mi or 8Gi
      2 | defaults: {resources: {memory: 8g}}
        |                                ^
        = did you mean 8Gi?"
  `);
});

test.each([
  ['state: ./workspaces/state', /state folder .* lies in the specs folder/],
  ['data: ./workspaces', /data folder .* lies in the specs folder/],
  ['specs: [./data/users/ada]', /lies among the homes/],
  ['specs: [./data/.workdock/specs]', /lies among the records of the data folder/],
  ['uidRange: {first: 5000, last: 4000}', /ends before it begins/],
  ['users: {ada: {uid: 0}}', /uid must be at least 1/],
  ['users: {ada: {uid: 1200}, bob: {uid: 1200}}', /ada has uid 1200 already/],
  ['settle: 1ms', /settle must be/],
  ['resync: 10ms', /resync must be/],
  ['mountRoots: [/data/]', /without/],
  ['mountRoots: [data]', /absolute path/],
  ['network: {subnet: 10.0.0.300/24}', /not a subnet/],
  ['defaults: {image: other}', /not one of the allowed images/],
  ['defaults: {owner: ada}', /unknown field "owner"/],
  ['idle: {interval: 10ms}', /idle.interval must be/],
  ['idle: {maxKeep: 0s}', /idle.maxKeep must be/],
  ['deletion: {grace: 500ms}', /deletion.grace must be at least 1s/],
  ['guard: {removals: 120%}', /a percentage from 0% to 100%/],
  ['prefix: ws-\n---\nprefix: w-', /one document/],
])('%s is refused: %s', async (text, message) => {
  expect(await failure(text)).toMatch(message);
});

test('a symlink does not hide that the state folder lies among the specs', async () => {
  const cwd = await folder('state: ./link/state\n');
  await mkdir(join(cwd, 'workspaces'));
  await symlink(join(cwd, 'workspaces'), join(cwd, 'link'));
  await expect(loadConfig({ env: {}, cwd })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('users get their gid from their uid', async () => {
  const { users } = await load('users: {ada: {uid: 1200}, bob: {uid: 1300, gid: 100, groups: [44]}}\n');
  expect(users).toEqual({ ada: { uid: 1200, gid: 1200, groups: [] }, bob: { uid: 1300, gid: 100, groups: [44] } });
});

test('what a flag or the environment says wrongly is a usage error and no fault of the file', async () => {
  const cwd = await folder('instance: lab\n');
  const told = (asked: Partial<ConfigAsked>) => loadConfig({ cwd, env: {}, ...asked });
  await expect(told({ overrides: { state: 'workspaces/state' } })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/^the state folder .* lies in the specs folder/),
    hint: 'choose another --state',
  });
  await expect(told({ env: { WORKDOCK_STATE: 'workspaces' } })).rejects.toMatchObject({ code: 'USAGE' });
  await expect(told({ overrides: { instance: 'a b' } })).rejects.toMatchObject({
    code: 'USAGE',
    message: 'instance must be letters, digits, dots and dashes',
  });
});

test('a repository: what is left out is built in, and `specs` are folders of the tree', async () => {
  const cwd = await folder('source: {git: ../lab, key: id}\n');
  await expect(loadConfig({ env: {}, cwd })).rejects.toMatchObject({ message: expect.stringContaining('is for ssh') });
  await writeFile(join(cwd, 'workdock.yaml'), 'source: {git: "git@host.example:lab", key: id, interval: 30s}\n');
  expect((await loadConfig({ env: {}, cwd })).source).toEqual({
    git: 'git@host.example:lab',
    remote: { url: 'git@host.example:lab', protocol: 'ssh' },
    branch: 'main',
    intervalMs: 30_000,
    key: join(cwd, 'id'),
    knownHosts: null,
    folders: null,
  });
  await writeFile(join(cwd, 'workdock.yaml'), 'source: {git: ../lab}\nspecs: [./a/, ., b/../c]\n');
  const { source } = await loadConfig({ env: {}, cwd });
  expect(source?.folders).toEqual(['a', '', 'c']);
  expect(source?.remote).toEqual({ url: join(cwd, '../lab'), protocol: 'file' });
});

test.each([
  ['source: {branch: main}', 'git'],
  ['source: {git: "ext::sh -c x"}', 'runs a program'],
  ['source: {git: "-x"}', 'does not begin with a dash'],
  ['source: {git: "https://a:b@host/x"}', 'use an ssh key'],
  ['source: {git: x, branch: "-b"}', 'does not begin with a dash'],
  ['source: {git: x, branch: "a..b"}', 'cannot be the name of a branch'],
  ['source: {git: x, interval: 10ms}', 'at least 1s'],
  ['source: {git: x, url: y}', 'url'],
  ['source: {git: x}\nspecs: [/srv/specs]', 'a folder of the repository'],
  ['source: {git: x}\nspecs: [../specs]', 'a folder of the repository'],
])('%s is refused with its place', async (text, message) => {
  const told = await failure(`${text}\n`);
  expect(told).toContain('CONFIG_INVALID');
  expect(told).toContain(message);
  expect(told).toMatch(/workdock.yaml:[12]:\d+/);
});

test.each([
  'source: {git: "https://ada:s3cret@host/specs"}',
  'source: {git: "https://ada:s3cr@3cret@host/specs"}',
  'source: {git: "https://s3cret@host/specs"}',
  'source: {git: "https://ada:s3cret@host/specs", brunch: main}',
  'source: {git: "https://ada:s3cret@host/specs"',
])('%s: what is wrong is said without the password', async (text) => {
  const told = await failure(text);
  expect(told).toMatch(/^CONFIG_INVALID workdock.yaml is not a valid config\nworkdock.yaml:1:/);
  expect(told).not.toMatch(/s3cr|3cret/);
});
