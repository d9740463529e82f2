import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stateFolder } from '../../src/commands/state-folder.ts';
import { commandWords, quoteWord } from '../../src/lib/systemd-text.ts';
import { serviceConfigFile, serviceName, unitFile, varFolder } from '../../src/model/places.ts';
import { loadConfig, readConfig } from '../../src/spec/config.ts';
import { configOf, findConfig, installedConfig } from '../../src/spec/find-config.ts';
import { scratchFolder } from '../support/api.ts';

const service = '/etc/workdock/workdock.yaml';
const installed = () => service;
const fileOf = (cwd: string, more: { flagFile?: string; env?: NodeJS.ProcessEnv } = {}) =>
  findConfig({ cwd, env: {}, ...more }, installed).file;

test('the config of the installed service is taken where nothing else says one and nothing is kept here', async () => {
  const cwd = await scratchFolder();
  expect(fileOf(cwd)).toBe(service);
  expect(fileOf(cwd, { flagFile: 'a.yaml' })).toBe(join(cwd, 'a.yaml'));
  expect(fileOf(cwd, { env: { WORKDOCK_CONFIG: '/b.yaml' } })).toBe('/b.yaml');
  expect(findConfig({ cwd, env: {} }, () => null)).toMatchObject({
    file: join(cwd, 'workdock.yaml'),
    mustExist: false,
  });
});

test.each(['workdock.yaml', 'workspaces/ada.yaml', 'state/status.json'])(
  'a folder with %s is its own',
  async (file) => {
    const cwd = await scratchFolder();
    await mkdir(join(cwd, file, '..'), { recursive: true });
    await writeFile(join(cwd, file), '');
    expect(fileOf(cwd)).toBe(join(cwd, 'workdock.yaml'));
  },
);

test.each([
  ['/etc/workdock', '/var/lib/workdock'],
  ['/etc/workdock-gpu', '/var/lib/workdock-gpu'],
  ['/etc/workdockers', '/etc/workdockers'],
  ['/etc/workdock/more', '/etc/workdock/more'],
  ['/srv/etc/workdock', '/srv/etc/workdock'],
])('state and data of a config in %s lie in %s', (folder, expected) => {
  expect(varFolder(folder)).toBe(expected);
});

test('controller and verbs agree on the folders of a service, whether or not its config names them', async () => {
  const cwd = await scratchFolder();
  const ask = { env: {}, cwd, flags: { config: service } };
  for (const [text, state] of [
    ['', '/var/lib/workdock/state'],
    ['state: ./cache\n', '/etc/workdock/cache'],
    ['data: /srv/data\n', '/var/lib/workdock/state'],
  ] as const) {
    await writeFile(join(cwd, 'staged'), text);
    const place = { file: service, shown: service, mustExist: true };
    const config = await readConfig(place, { cwd, at: join(cwd, 'staged') });
    expect(config.state).toBe(state);
    expect(config.specs).toEqual(['/etc/workdock/workspaces']);
    expect(config.data).toBe(text.startsWith('data') ? '/srv/data' : '/var/lib/workdock/data');
  }
  const missing = await stateFolder({ ...ask, installed, loadConfig: async (file) => ({ state: `read ${file}` }) });
  expect(missing, 'a named config that is not there').toBe(`read ${service}`);
});

test('a config of the service that is gone is said, and is not taken for none', async () => {
  const cwd = await scratchFolder();
  await expect(loadConfig({ cwd, env: {}, installed: () => '/nowhere/workdock.yaml' })).rejects.toThrow(
    'cannot read the config /nowhere/workdock.yaml',
  );
  expect((await loadConfig({ cwd, env: {} })).state, 'a controller by hand keeps to its folder').toBe(
    join(cwd, 'state'),
  );
});

test('the config is read out of the unit, the last ExecStart of it', async () => {
  const root = await scratchFolder();
  expect(installedConfig('workdock', root)).toBeNull();
  await mkdir(join(root, '/etc/systemd/system'), { recursive: true });
  await writeFile(join(root, unitFile('workdock')), '[Service]\nExecStart=/x/workdock --config "/a b/%%c.yaml" up\n');
  expect(installedConfig('workdock', root)).toBe('/a b/%c.yaml');
  expect(installedConfig(serviceName('gpu'), root)).toBeNull();
  expect(configOf('ExecStart=/x up\n')).toBeNull();
  expect(configOf('ExecStart=/x --config\n')).toBeNull();
  expect(configOf('ExecStart=/x --config a\nExecStart=\nExecStart=/x --config b up\n')).toBe('b');
  expect(serviceConfigFile('workdock-gpu')).toBe('/etc/workdock-gpu/workdock.yaml');
});

test('what is quoted for systemd is read back as it was', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((word) => !/\p{Cc}/u.test(word));
  const tricky = fc.string({ unit: fc.constantFrom(...'ab /"\\%$\'`;#{}'), minLength: 1 });
  fc.assert(
    fc.property(fc.array(fc.oneof(text, tricky), { minLength: 1 }), (words) => {
      const line = ['/program', ...words.map((word) => quoteWord(word, { isArgument: true }))].join(' ');
      expect(commandWords(line)).toEqual(['/program', ...words]);
    }),
  );
});
