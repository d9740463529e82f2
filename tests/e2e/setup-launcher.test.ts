import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout, linesOf, makeMachine, runProgram } from '../support/setup-machine.ts';

const launcher = join(checkout, 'bin/workdock');

test('the launcher works through links and from any folder', async () => {
  const machine = await makeMachine();
  await machine.link('usr/bin/workdock', '../lib/workdock');
  await machine.link('usr/lib/workdock', launcher);
  const ran = await runProgram(join(machine.root, 'usr/bin/workdock'), ['version'], { cwd: '/' });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
});

test.for(['v20.20.2', 'v24.9.0', 'v24.14.1'])('Node %s on the PATH is too old, in one line', async (version) => {
  const machine = await makeMachine();
  await machine.program('usr/bin/node');
  await machine.file('usr/bin/node', `#!/bin/sh\necho ${version}\n`);
  const ran = await runProgram(join(machine.root, 'checkout/bin/workdock'), ['version'], {
    env: { PATH: `${machine.root}/usr/bin:/usr/bin:/bin` },
  });
  expect(ran.code).toBe(7);
  expect(linesOf(ran.stderr)).toEqual([expect.stringContaining(version)]);
  expect(ran.stderr).toMatch(/run .*scripts\/up/);
});

test.for(['v24.15.0', 'v24.21.0', 'v26.0.0'])('Node %s on the PATH is taken', async (version) => {
  const machine = await makeMachine();
  await machine.program('usr/bin/node');
  await machine.file('usr/bin/node', `#!/bin/sh\ncase $1 in --version) echo ${version} ;; *) echo ran "$@" ;; esac\n`);
  await machine.file('checkout/src/cli.ts', '');
  await machine.file('checkout/node_modules/.keep', '');
  const ran = await runProgram(join(machine.root, 'checkout/bin/workdock'), ['get', 'a b'], {
    env: { PATH: `${machine.root}/usr/bin:/usr/bin:/bin` },
  });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(ran.stdout).toMatch(/^ran .*src\/cli\.ts get a b\n$/);
});

test.for(['up', 'test'] as const)('%s --dry-run names what is missing and why, and brings nothing', async (script) => {
  const machine = await makeMachine();
  await machine.file('usr/bin/node', '#!/bin/sh\necho v20.20.2\n');
  await machine.program('usr/bin/npm');
  const before = await runProgram('find', [join(machine.root, 'checkout')]);
  const ran = await machine.up(['--dry-run'], { script });
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  for (const what of [/Node 24\.\d+\.\d+/, /npm packages/, /Docker engine/, /image workdock-workspace:latest/]) {
    expect(ran.stdout).toMatch(what);
  }
  expect((await runProgram('find', [join(machine.root, 'checkout')])).stdout).toBe(before.stdout);
});
