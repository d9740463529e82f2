import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '../support/enter.ts';
import { makeHostileHome, treeOf } from '../support/hostile-home.ts';
import { type Controller, type Lab, openLab } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
let controller: Controller;
let tree: string[];
beforeAll(async () => {
  lab = openLab();
  controller = await lab.up();
  const cleo = join(lab.data, 'users', 'cleo');
  mkdirSync(join(lab.data, 'users'), { recursive: true });
  makeHostileHome(cleo, 20_000);
  // Enough that each verb is at it for a while.
  const fill = `import os
for d in range(8):
    os.mkdir(f'{d}')
    for f in range(500): open(f'{d}/{f}', 'w').write(str(f))
open('large', 'wb').write(os.urandom(15_000_000)); os.unlink('socket')`;
  execFileSync('python3', ['-c', fill], { cwd: cleo });
  tree = treeOf(cleo);
}, 60_000);
afterAll(() => lab.dispose());

const names = (folder: string): string[] => {
  const path = join(lab.data, folder);
  return existsSync(path) ? readdirSync(path) : [];
};
const home = () => join(lab.data, 'users', 'cleo');
/** Says when an archive is being written that was not begun before. */
function newPart(): () => boolean {
  const parts = () => names('archives').filter((name) => name.startsWith('.cleo@'));
  const before = parts();
  return () => parts().some((name) => !before.includes(name));
}
const ours = (argv: string[]) => (argv[0] === 'home' ? `home ${argv[1]}` : argv.join(' '));

/** Kills the controller once `isAt` it, and brings it back; what its verb says meanwhile is no success. */
async function killedAt(argv: string[], isAt: () => boolean): Promise<void> {
  const verb = start(lab, ...argv);
  await until(isAt, { deadlineMs: 30_000, everyMs: 2, what: `${ours(argv)}: ${verb.stderr()}` });
  await controller.kill('SIGKILL');
  // It may have been through, and only its last word was lost.
  expect([0, 4], ours(argv)).toContain((await verb.ended).code);
  controller = await lab.up();
}
const done = async (...argv: string[]) => {
  const reply = await lab.cli(...argv);
  expect(reply, reply.stderr).toMatchObject({ code: 0 });
};

test('killed in the middle of an archive: the home is whole, no archive has a name, and it goes again', async () => {
  await killedAt(['home', 'archive', 'cleo'], newPart());
  expect(treeOf(home())).toEqual(tree);
  expect(names('archives').filter((name) => !name.startsWith('.'))).toEqual([]);
  expect(names('trash')).toEqual([]);
  await done('home', 'archive', 'cleo');
  expect(names('archives'), 'nor is anything of the first try left').toEqual([expect.stringMatching(/^cleo@.*gz$/)]);
  expect([existsSync(home()), names('trash').length]).toEqual([false, 1]);
});

test('killed while an archive is unpacked: no home appears, and what is left is in the trash list', async () => {
  const [archive] = names('archives');
  const isAt = () => names('trash').some((name) => name.startsWith('.unpack.'));
  await killedAt(['home', 'restore', 'cleo', '--from', archive!], isAt);
  expect(existsSync(home())).toBe(false);
  expect((await lab.cli('trash', 'list')).stdout).toMatch(/^\.unpack\.cleo@.*half unpacked/m);
  await done('home', 'restore', 'cleo', '--from', archive!);
  expect(treeOf(home())).toEqual(tree);
});

test('killed in the middle of a purge: nothing half has its name, and the trash takes the rest', async () => {
  await killedAt(['home', 'purge', 'cleo', '--confirm', 'cleo'], () =>
    names('trash').some((name) => name.startsWith('.purge.')),
  );
  expect(existsSync(home())).toBe(false);
  const [entry] = names('trash').filter((name) => !name.startsWith('.'));
  expect(treeOf(join(lab.data, 'trash', entry!)), 'what it left before is whole').toEqual(tree);
  await done('home', 'restore', 'cleo');
  expect(treeOf(home())).toEqual(tree);
  // What was begun may have gone on by itself: it was confirmed.
  await until(async () => {
    const left = names('trash').length;
    return (
      left === 0 || (await lab.cli('trash', 'empty', '--confirm', left > 1 ? `${left}` : names('trash')[0]!)).code === 0
    );
  });
  expect(names('trash')).toEqual([]);
  expect(treeOf(home())).toEqual(tree);
});

test('killed as it moves to the trash: it is whole in one of the two places', async () => {
  const before = names('archives').length;
  const named = () => names('archives').filter((name) => !name.startsWith('.')).length;
  await killedAt(['home', 'archive', 'cleo'], () => named() > before);
  const [entry] = names('trash');
  expect([existsSync(home()), entry !== undefined].filter(Boolean), 'never in both, never in none').toHaveLength(1);
  expect(treeOf(entry === undefined ? home() : join(lab.data, 'trash', entry))).toEqual(tree);
  if (entry !== undefined) await done('home', 'restore', 'cleo');
  expect(treeOf(home())).toEqual(tree);
});

test('Ctrl-C gives work up: no half file, and the home is where it was', async () => {
  let isPacking = newPart();
  const verb = start(lab, 'home', 'archive', 'cleo');
  await until(isPacking, { deadlineMs: 30_000 });
  verb.child.kill('SIGINT');
  const { code, stderr } = await verb.ended;
  expect([code, stderr]).toEqual([130, expect.stringContaining('given up; no archive was left')]);
  await until(() => names('archives').every((name) => !name.startsWith('.')));
  expect(treeOf(home())).toEqual(tree);
  const unpacking = start(lab, 'home', 'restore', 'dora', '--from', join(lab.data, 'archives', names('archives')[0]!));
  await until(() => names('trash').some((name) => name.startsWith('.unpack.')), { deadlineMs: 30_000, everyMs: 2 });
  unpacking.child.kill('SIGINT');
  expect(await unpacking.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('nothing was restored') });
  await until(() => names('trash').length === 0, { deadlineMs: 30_000 });
  expect(names('users')).not.toContain('dora');
  // Nobody waits for others' homes, or for the loop, while it goes on.
  isPacking = newPart();
  const long = start(lab, 'home', 'archive', 'cleo', '--keep');
  await until(isPacking, { deadlineMs: 30_000 });
  const begun = performance.now();
  expect((await lab.cli('get')).code).toBe(0);
  expect((await lab.cli('home', 'purge', 'cleo', '--confirm', 'cleo')).stderr).toMatch(/home cleo is being archived/);
  expect(performance.now() - begun).toBeLessThan(5_000);
  // Nor does a controller that is told to end: it takes the half file with it, and says so to who waits.
  const told = controller.kill('SIGTERM');
  expect(await long.ended).toMatchObject({ code: 4, stderr: expect.stringContaining('the controller ends') });
  expect(await told).toBe(0);
  expect(names('archives').filter((name) => name.startsWith('.'))).toEqual([]);
  expect(treeOf(home())).toEqual(tree);
});
