import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSelector } from '../../src/commands/selection.ts';
import { stateFolder } from '../../src/commands/state-folder.ts';
import { scratchFolder } from '../support/api.ts';

const labels = { lab: 'neuro', course: 'stats', empty: '' };

test.each([
  ['lab=neuro', true],
  ['lab==neuro', true],
  ['lab=bio', false],
  ['lab!=bio', true],
  ['lab!=neuro', false],
  ['nothing!=x', true],
  ['lab', true],
  ['nothing', false],
  ['empty=', true],
  ['lab=neuro, course=stats', true],
  ['lab=neuro,course=maths', false],
  ['constructor', false],
])('-l %s', (text, matches) => {
  expect(parseSelector(text)(labels)).toBe(matches);
});

test.each(['', ',', 'a=b,', '=x', 'a b=c', 'a=b=c'])('-l "%s" is a usage error', (text) => {
  expect(() => parseSelector(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

/** The config is read by its own loader; here it only shows that it was asked. */
const loadConfig = async (file: string) => ({ state: `read from ${file}` });

test.each([
  ['state: /x\n', true],
  ['"state": /x\n', true],
  ['{prefix: a, state: /x}\n', true],
  ['"\\x73tate": /x\n', true],
  ['prefix: ws-\n', false],
  ['# state: /x\nprefix: ws-\n', false],
  ['', false],
])('a config %j is read whole only when it may set the state folder', async (text, read) => {
  const cwd = await scratchFolder();
  await writeFile(join(cwd, 'workdock.yaml'), text);
  const found = await stateFolder({ flags: {}, env: {}, cwd, loadConfig, installed: () => null });
  expect(found).toBe(read ? `read from ${join(cwd, 'workdock.yaml')}` : join(cwd, 'state'));
});

test('a relative flag is relative to where we are, a built-in folder to the config', async () => {
  const cwd = await scratchFolder();
  const ask = { env: {}, cwd: '/tmp', loadConfig, installed: () => null };
  expect(await stateFolder({ ...ask, flags: { state: 'here' } })).toBe('/tmp/here');
  await writeFile(join(cwd, 'site.yaml'), 'prefix: x-\n');
  expect(await stateFolder({ ...ask, flags: { config: join(cwd, 'site.yaml') } })).toBe(join(cwd, 'state'));
  expect(await stateFolder({ ...ask, flags: {}, env: { WORKDOCK_STATE: '' } })).toBe('/tmp/state');
  const missing = join(cwd, 'missing.yaml');
  const reported = await stateFolder({ ...ask, flags: { config: missing } });
  expect(reported, 'is the loader’s to report').toContain('read from');
});
