import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('endMarker: a file that is cut off changes nothing, says so at its line, and is not missing', async () => {
  const lab = makeLab('endMarker: Required\ndeletion: {grace: 1s}\n');
  const yaml = (extra: string[] = []) => workspaceYaml('ada', ['stopGracePeriod: 1s', ...extra]);
  lab.write('ada.yaml', `${yaml()}...\n`);
  await lab.up();
  await lab.phase('ada', 'Running');
  const { Id } = await lab.inspect('ada');

  const stopped = yaml(['state: Stopped']);
  const last = stopped.trimEnd().split('\n').length;
  lab.write('ada.yaml', stopped);
  await until(() => lab.condition('ada', 'SpecValid')?.status === 'False');
  expect(lab.condition('ada', 'SpecValid')?.message).toMatch(new RegExp(`ada.yaml:${last}:1.*end marker`));
  const { code, stderr } = await lab.cli('validate');
  expect(code).toBe(3);
  expect(stderr).toMatch(new RegExp(`ada.yaml:${last}:1.*the end marker .\\.\\.\\.. is missing after this line`));
  await until(async () => (await lab.cli('doctor')).stdout.includes('end marker'));
  expect(lab.condition('ada', 'SourceAbsent')?.status).not.toBe('True');
  expect(await lab.inspect('ada')).toMatchObject({ Id, State: { Running: true } });

  lab.write('ada.yaml', `${stopped}...\n`);
  await lab.phase('ada', 'Stopped');
  expect(lab.condition('ada', 'SpecValid')?.status).toBe('True');
  expect((await lab.cli('new', 'bob')).code).toBe(0);
  expect(readFileSync(join(lab.specs, 'bob.yaml'), 'utf8')).toMatch(/\n\.\.\.\n$/);
  expect((await lab.cli('validate')).code).toBe(0);
});
