import { expect, test } from 'vitest';
import { catalogOf } from '../../src/commands/offline.ts';
import { compare } from '../../src/commands/plan-compare.ts';
import type { Foreseen } from '../../src/commands/plan-held.ts';
import type { Config } from '../../src/model/config.ts';
import { site, specFile, workspaceText } from '../support/spec-texts.ts';

const config = { ...site(), deletion: { graceMs: 60_000, removeAfterMs: 60_000 } } as Config;

test('while a name may stand in a file that cannot be read, nobody is foretold to be removed', async () => {
  const was = await catalogOf([specFile('ada.yaml', workspaceText('ada'))], config);
  const ada = was.declarations.get('ada');
  if (ada?.kind !== 'valid') throw new Error('not valid');
  const before = new Map([['ada', { desired: ada.desired, byProgram: false }]]);
  const asked: Foreseen[] = [];
  const foresee = (change: Foreseen) => {
    asked.push(change);
    return [];
  };
  const told = async (...files: Parameters<typeof compare>[0]) =>
    (await compare(files, { config, before, whole: true, foresee })).rows;

  expect(await told(specFile('bad.yaml', 'bad: ['))).toEqual([
    {
      name: 'ada',
      steps: [],
      changes: [],
      waitsFor:
        'no file declares it; nothing is stopped or removed while ' +
        'it may stand in bad.yaml:1, where no name can be read: mend or remove that',
    },
  ]);
  expect(asked.at(-1)?.gone).toEqual([]);
  expect(await told(specFile('bob.yaml', workspaceText('bob')))).toMatchObject([
    { name: 'ada', changes: [{ to: 'absent' }] },
    { name: 'bob' },
  ]);
  expect(asked.at(-1)?.gone).toMatchObject([{ name: 'ada' }]);
});
