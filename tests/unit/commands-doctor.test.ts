import { expect, test } from 'vitest';
import { jupyterCheck } from '../../src/commands/doctor-checks.ts';

test('doctor names what is missing to ask Jupyter servers on loopback', () => {
  expect(jupyterCheck('/nowhere:')).toMatchObject({
    result: 'warn',
    message: expect.stringContaining('no nsenter and no bash'),
  });
});
