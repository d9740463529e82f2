import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** Every file of the folders of a lab, with what is in it. */
const contents = (folders: string[]) =>
  Object.fromEntries(
    folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
        if (!entry.isFile()) return [];
        const path = join(entry.parentPath, entry.name);
        return [[path, readFileSync(path, 'latin1')] as const];
      }),
    ),
  );

test('folders of a newer build are refused by whatever reads them, and stay as they are to the last byte', async () => {
  const lab = makeLab();
  for (const name of ['ada', 'bob']) lab.write(`${name}.yaml`, workspaceYaml(name, ['state: Stopped']));
  const controller = await lab.up();
  for (const name of ['ada', 'bob']) await lab.phase(name, 'Stopped');
  await until(() => readdirSync(join(lab.data, '.workdock', 'intents')).length === 2);
  await controller.kill('SIGTERM');
  const idle = join(lab.state, 'idle.json');
  writeFileSync(idle, '{"schemaVersion":1,"workspaces":{}}\n');

  const records = ['instance.json', 'uids.json', 'intents/bob.json'].map((file) => join(lab.data, '.workdock', file));
  const cache = ['status.json', 'status/bob.json'].map((file) => join(lab.state, file));
  for (const file of [...records, ...cache, idle]) {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/"schemaVersion": ?1/, '"schemaVersion":2'));
    const before = contents([lab.data, lab.state]);
    const hint = 'run the newer workdock again; nothing was changed';
    expect(await lab.cli('up')).toMatchObject({
      code: 7,
      stderr: `workdock: ${file} has schemaVersion 2; this workdock knows 1\n  hint: ${hint}\n`,
    });
    expect(contents([lab.data, lab.state])).toEqual(before);
    const plan = await lab.cli('plan');
    // A name whose record cannot be read is not a new one.
    if (file.endsWith('bob.json')) expect(plan).toMatchObject({ code: 7, stdout: '' });
    else expect(plan).toMatchObject({ code: 0, stdout: 'no difference\n' });
    writeFileSync(file, text);
  }
  await (await lab.up()).kill('SIGTERM');
}, 60_000);
