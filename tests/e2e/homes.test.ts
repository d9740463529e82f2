import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { HomeRow, TrashRow } from '../../src/model/homes.ts';
import { atTerminal } from '../support/enter.ts';
import { makeHostileHome, treeOf } from '../support/hostile-home.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
beforeAll(async () => {
  lab = openLab('idle: {interval: 1s}\n');
  for (const name of ['ada', 'bob']) {
    lab.write(`${name}.yaml`, workspaceYaml(name).replace('{name:', '{labels: {lab: neuro}, name:'));
  }
  await lab.up();
  for (const name of ['ada', 'bob']) await lab.phase(name, 'Running');
}, 60_000);
afterAll(() => lab.dispose());

const home = (name: string) => join(lab.data, 'users', name);
const inTrash = (): string[] => (existsSync(join(lab.data, 'trash')) ? readdirSync(join(lab.data, 'trash')) : []);
const archives = () => readdirSync(join(lab.data, 'archives'));
const ADA = 20_000;
const IMAGE = 'workdock-test:latest';
/** A disk of its own there, until the test ends. */
function mountAt(folder: string) {
  mkdirSync(folder);
  run('mount', '-t', 'tmpfs', 'none', folder);
  onTestFinished(() => {
    run('umount', folder);
    rmSync(folder, { recursive: true });
  });
}
const run = (...argv: [string, ...string[]]) => execFileSync(argv[0], argv.slice(1));

test('list: whose each home is, what it takes, when it was used last, and who has it now', async () => {
  makeHostileHome(home('cleo'), ADA);
  mkdirSync(home('Not-a-home'));
  await lab.cli('stop', 'bob', '--wait');
  await until(async () => (await lab.json<HomeRow[]>('home', 'list')).every(({ bytes }) => bytes !== undefined), {
    deadlineMs: 30_000,
  });
  const rows = await lab.json<HomeRow[]>('home', 'list');
  const owner = rows.find(({ home }) => home === 'cleo')?.owner;
  expect(rows).toMatchObject([
    { home: 'ada', owner: 'ada', workspaces: ['ada'], state: 'InUse', containers: [`${lab.prefix}ada`] },
    { home: 'bob', owner: 'bob', workspaces: ['bob'], state: 'AtRest', containers: [`${lab.prefix}bob`] },
    { home: 'cleo', uid: ADA, workspaces: [], state: 'Nobodys', containers: [] },
  ]);
  expect(['ada', 'bob'], 'the owner by the number that was given to them').toContain(owner);
  const { stdout } = await lab.cli('home', 'list');
  expect(stdout.split('\n')[0]).toMatch(/^HOME +OWNER +WORKSPACE +SIZE +LAST USED +STATE$/);
  expect(stdout).toMatch(/^ada +ada +ada +\d+Ki +now +in use$/m);
  expect(stdout).toMatch(/^bob +bob +bob +\d+Ki +\d+s ago +at rest$/m);
  expect(stdout).toMatch(/^cleo +\w+ +- +\d+Ki +\S+ ago +nobody's$/m);
  expect((await lab.cli('home', 'list', '-l', 'lab=neuro', '-o', 'name')).stdout).toBe('ada\nbob\n');
  expect(await lab.cli('home', 'list', 'cleo', 'nobody', '-o', 'name')).toMatchObject({ code: 8, stdout: 'cleo\n' });
  expect((await lab.cli('home', 'list', 'nobody')).code).toBe(5);
});

test('what somebody has is neither moved nor deleted, and what is no home is not found', async () => {
  const refused = async (code: number, said: RegExp, ...argv: string[]) => {
    const reply = await lab.cli(...argv);
    expect([reply.code, reply.stdout], argv.join(' ')).toEqual([code, '']);
    expect(reply.stderr, argv.join(' ')).toMatch(said);
  };
  await refused(7, /it is ada's\n +hint: remove the file of ada/, 'home', 'archive', 'ada');
  await refused(7, /container \S+ada uses it\n +hint: workdock stop ada --wait/, 'home', 'archive', 'ada', '--keep');
  await refused(
    7,
    /cannot be purged: it is ada's\n +hint: remove the file of ada/,
    'home',
    'purge',
    'ada',
    '--confirm',
    'ada',
  );
  await refused(7, /cannot be purged: it is bob's/, 'home', 'purge', 'bob', '--confirm', 'bob');
  await refused(
    7,
    /nothing is ever restored over one|has left nothing/,
    'home',
    'restore',
    'ada',
    '--from',
    '/dev/null',
  );
  await refused(7, /nothing is ever restored over one/, 'home', 'restore', 'cleo', '--from', '/dev/null');
  await refused(5, /has left nothing/, 'home', 'restore', 'cleo');
  await refused(2, /nobody is there to confirm it\n +hint: --confirm cleo/, 'home', 'purge', 'cleo');
  await refused(7, /"cle" is not cleo: nothing was deleted/, 'home', 'purge', 'cleo', '--confirm', 'cle');
  for (const name of ['../users/cleo', 'CLEO', '-rf', '.', 'cleo/deep', 'cleo\n', '']) {
    await refused(5, /no home/, 'home', 'purge', '--confirm', name, '--', name);
    await refused(5, /no home/, 'home', 'archive', '--', name);
  }
  await refused(5, /no \.\.\/users\/cleo in the trash/, 'trash', 'empty', '--', '../users/cleo');
  await refused(5, /no cleo@20200101T000000Z/, 'home', 'restore', 'dora', '--from', 'cleo@20200101T000000Z');
  await refused(7, /among the homes/, 'home', 'archive', 'cleo', '--to', `${lab.data}/users/cleo/in.tar.gz`);
  symlinkSync(join(lab.data, 'users'), join(lab.root, 'link'));
  await refused(7, /among the homes/, 'home', 'archive', 'cleo', '--to', `${lab.root}/link/ada/in.tar.gz`);
  // The API holds to it by itself, whoever asks.
  const socket = join(lab.state, 'workdock.sock');
  const post = (path: string, body: object) =>
    JSON.parse(
      `${run('curl', '-s', '--unix-socket', socket, '--json', JSON.stringify(body), `http://workdock${path}`)}`.trim(),
    ) as { code: string };
  expect(post('/v1/homes/cleo/purge', { confirm: 'yes' }).code).toBe('REFUSED');
  expect(post('/v1/homes/ada/purge', { confirm: 'ada' }).code).toBe('REFUSED');
  const inHome = `${lab.root}/specs/../data/users/cleo/in.tar.gz`;
  expect(post('/v1/homes/cleo/archive', { to: inHome }).code).toBe('REFUSED');
  expect(post('/v1/homes/cleo/purge', {}).code).toBe('USAGE');
  expect(post('/v1/trash/empty', { entries: ['../users/cleo'], confirm: '../users/cleo' }).code).toBe('NOT_FOUND');
  // Somebody's container of their own, which does not run.
  await lab.hand(
    'create',
    '--name',
    `${lab.prefix}theirs`,
    '-v',
    `${home('cleo')}:/mnt`,
    'workdock-test:latest',
    'true',
  );
  await refused(7, /container \S+theirs has it mounted/, 'home', 'purge', 'cleo', '--confirm', 'cleo');
  await refused(7, /container \S+theirs has it mounted/, 'home', 'archive', 'cleo');
  await lab.hand('rm', `${lab.prefix}theirs`);
  expect(readFileSync(join(home('cleo'), 'notes'), 'utf8')).toBe('all of it');
  expect(inTrash()).toEqual([]);
});

test('what is mounted in a home is not touched', async () => {
  const inner = join(home('cleo'), 'deep', 'mnt');
  mountAt(inner);
  writeFileSync(join(inner, 'theirs'), 'not of this home');
  for (const argv of [
    ['archive', 'cleo'],
    ['archive', 'cleo', '--keep'],
    ['purge', 'cleo', '--confirm', 'cleo'],
  ]) {
    const { code, stderr } = await lab.cli('home', ...argv);
    expect([code, stderr]).toEqual([7, expect.stringContaining(`${inner} is a mount point\n  hint: umount ${inner}`)]);
  }
  expect(readdirSync(inner)).toEqual(['theirs']);
  // A home that is a disk of its own can be copied, and neither moved nor deleted.
  const own = home('disk');
  mountAt(own);
  writeFileSync(join(own, 'kept'), 'on a disk of its own');
  expect((await lab.cli('home', 'archive', 'disk')).code).toBe(7);
  expect((await lab.cli('home', 'purge', 'disk', '--confirm', 'disk')).code).toBe(7);
  expect((await lab.cli('home', 'archive', 'disk', '--keep', '--to', 'disk.tar.gz')).code).toBe(0);
  expect(readdirSync(own)).toEqual(['kept']);
});

test('a home that somebody sees at another place, as through a volume that is a bind, is not deleted', async () => {
  const volume = `${lab.prefix}bind`;
  lab.afterwards(() => lab.hand('volume', 'rm', volume));
  await lab.hand('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${home('cleo')}`, volume);
  await lab.hand('run', '-d', '--name', `${lab.prefix}by-volume`, '-v', `${volume}:/mnt`, IMAGE, 'sleep', '600');
  const seen = await lab.cli('home', 'purge', 'cleo', '--confirm', 'cleo');
  expect([seen.code, seen.stderr]).toEqual([7, expect.stringMatching(/is mounted at \S+_data as well/)]);
  await lab.hand('rm', '-f', `${lab.prefix}by-volume`);
});

test('a whole life: archived, restored from the trash and from the archive, purged, emptied', async () => {
  const before = treeOf(home('cleo'));
  const packed = await lab.cli('home', 'archive', 'cleo');
  expect(packed, packed.stderr).toMatchObject({ code: 0 });
  const archive = packed.stdout.trim();
  expect(archive).toMatch(/data\/archives\/cleo@\d{8}T\d{6}Z\.tar\.gz$/);
  expect(packed.stderr).toMatch(/socket ignored/);
  expect(lstatSync(archive).mode & 0o777).toBe(0o600);
  expect(existsSync(home('cleo'))).toBe(false);
  const [entry] = inTrash();
  expect(entry).toMatch(/^cleo@\d{8}T\d{6}Z$/);
  expect(treeOf(join(lab.data, 'trash', entry!))).toEqual(before);
  expect((await lab.cli('trash', 'list')).stdout).toMatch(
    /^ENTRY +HOME +SIZE +TRASHED +AGE\ncleo@\S+ +cleo +\S+ +20\S+Z +\d+s$/m,
  );

  // An entry is of the home that it was.
  const wrong = await lab.cli('home', 'restore', 'dora', '--from', entry!);
  expect([wrong.code, wrong.stderr]).toEqual([7, expect.stringContaining('is an entry of home cleo')]);

  expect((await lab.cli('trash', 'restore', entry!)).code).toBe(0);
  expect(treeOf(home('cleo')), 'the very same').toEqual(before);
  expect([inTrash(), existsSync(archive)]).toEqual([[], true]);

  const purged = await lab.cli('home', 'purge', 'cleo', '--confirm', 'cleo');
  expect(purged, purged.stderr).toMatchObject({ code: 0, stdout: 'home cleo is deleted\n' });
  expect(purged.stderr).toMatch(/home cleo of \w+: \d+Ki, \d+ files, last used \S+ ago/);
  expect([existsSync(home('cleo')), inTrash(), existsSync('/etc/passwd')]).toEqual([false, [], true]);

  const restored = await lab.cli('home', 'restore', 'cleo');
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect(treeOf(home('cleo'))).toEqual(before.filter((line) => !line.startsWith("b'socket'")));
  expect(inTrash(), 'nothing of the unpacking is left').toEqual([]);
  const reasons = (await lab.cli('events', 'cleo')).stdout;
  for (const reason of ['HomeArchived', 'HomeTrashed', 'HomeRestored', 'HomePurged']) expect(reasons).toContain(reason);
});

test('an archive that is broken, or no archive, restores nothing and leaves nothing', async () => {
  const good = readFileSync(join(lab.data, 'archives', archives()[0]!));
  const file = join(lab.root, 'given.tar.gz');
  const attempt = async (content: Buffer | string, said: RegExp) => {
    writeFileSync(file, content);
    const { code, stderr } = await lab.cli('home', 'restore', 'dora', '--from', 'given.tar.gz');
    expect(stderr).toMatch(said);
    expect([code, existsSync(home('dora')), inTrash()]).toEqual([8, false, []]);
  };
  await attempt(good.subarray(0, good.length - 100), /cannot be unpacked: .*/);
  const flipped = Buffer.from(good);
  flipped[flipped.length >> 1]! ^= 0xff;
  await attempt(flipped, /cannot be unpacked/);
  await attempt('no archive at all', /cannot be unpacked/);
  const flat = join(lab.root, 'flat');
  mkdirSync(flat);
  for (const name of ['one', 'two']) writeFileSync(join(flat, name), name);
  run('tar', '-C', flat, '-czf', join(lab.root, 'flat.tar.gz'), 'one', 'two');
  await attempt(readFileSync(join(lab.root, 'flat.tar.gz')), /does not hold exactly one folder/);
  // Names that lead out of it stay inside, or fail.
  const evil = `import tarfile, io
t = tarfile.open('${lab.root}/evil.tar.gz', 'w:gz')
d = tarfile.TarInfo('dora'); d.type = tarfile.DIRTYPE; d.mode = 0o700; t.addfile(d)
l = tarfile.TarInfo('dora/out'); l.type = tarfile.SYMTYPE; l.linkname = '${lab.root}'; t.addfile(l)
for name in ['dora/out/planted', '../planted', '${lab.root}/planted']:
    f = tarfile.TarInfo(name); f.size = 1; t.addfile(f, io.BytesIO(b'x'))
t.close()`;
  run('python3', '-c', evil);
  await attempt(readFileSync(join(lab.root, 'evil.tar.gz')), /cannot be unpacked/);
  expect(existsSync(join(lab.root, 'planted'))).toBe(false);
  // To a file of its own, never over one.
  const to = await lab.cli('home', 'archive', 'cleo', '--keep', '--to', 'mine.tar.gz');
  expect(to, to.stderr).toMatchObject({ code: 0, stdout: `${lab.root}/mine.tar.gz\n` });
  expect(await lab.cli('home', 'archive', 'cleo', '--keep', '--to', 'mine.tar.gz')).toMatchObject({ code: 7 });
  expect((await lab.cli('home', 'restore', 'dora', '--from', 'mine.tar.gz')).code).toBe(0);
  expect(treeOf(home('dora'))).toEqual(treeOf(home('cleo')));
  expect(readdirSync(lab.root).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('the trash is emptied by name, by number and by age, and a leftover with it', async () => {
  const trash = join(lab.data, 'trash');
  const entries = ['dora@20200101T000000Z', 'dora@20200101T000001Z', 'cleo@20250101T000000Z'];
  for (const entry of entries) run('cp', '-a', home('dora'), join(trash, entry));
  mkdirSync(join(trash, '.purge.dora@20190101T000000Z'));
  mkdirSync(join(trash, 'somebody-put-this-here'));
  const list = await lab.json<TrashRow[]>('trash', 'list');
  expect(list.map(({ entry }) => entry)).toEqual([entries[2], entries[1], entries[0], '.purge.dora@20190101T000000Z']);
  expect(list[3]).toMatchObject({ unfinished: 'purge' });
  expect((await lab.cli('trash', 'restore', '.purge.dora@20190101T000000Z')).code).toBe(7);

  const asked = await lab.cli('trash', 'empty', '--older-than', '365d');
  expect([asked.code, asked.stderr]).toEqual([
    2,
    expect.stringMatching(/dora@20200101T000001Z[\s\S]*--confirm \d deletes/),
  ]);
  expect((await lab.cli('trash', 'empty', '--confirm', '1')).code).toBe(7);
  expect((await lab.cli('trash', 'empty', entries[0]!, '--confirm', '1')).code).toBe(7);
  expect((await lab.cli('trash', 'empty', entries[0]!, '--confirm', 'dora')).code).toBe(7);
  expect(readdirSync(trash)).toHaveLength(5);

  // What cannot be deleted is said, and does not keep the others.
  run('chattr', '+i', join(trash, entries[1]!, 'notes'));
  const some = await lab.cli('trash', 'empty', entries[0]!, entries[1]!, '--confirm', '2');
  expect(some).toMatchObject({ code: 8, stdout: `${entries[0]} is deleted\n` });
  expect(some.stderr).toMatch(/not all of it could be deleted: .*Operation not permitted/);
  expect((await lab.cli('trash', 'list')).stdout).toMatch(/^\.purge\.dora@20200101T000001Z .*half deleted/m);
  run('chattr', '-i', join(trash, `.purge.${entries[1]}`, 'notes'));
  const rest = await lab.cli('trash', 'empty', '--confirm', '3');
  expect(rest, rest.stderr).toMatchObject({ code: 0 });
  expect(readdirSync(trash), 'what is not ours stays').toEqual(['somebody-put-this-here']);
  expect((await lab.cli('trash', 'empty', '--confirm', '0')).stderr).toMatch(/nothing was deleted/);
});

test('at a terminal a person types the name; anything else deletes nothing', async () => {
  const no = await atTerminal(lab, ['home', 'purge', 'dora'], [{ expect: 'Type dora to delete: ' }, { type: 'yes\r' }]);
  expect([no.code, existsSync(home('dora'))]).toEqual([7, true]);
  const left = await atTerminal(lab, ['home', 'purge', 'dora'], [{ expect: 'to delete: ' }, { type: '\u0003' }]);
  expect([left.code === 0, existsSync(home('dora'))]).toEqual([false, true]);
  const yes = await atTerminal(lab, ['home', 'purge', 'dora'], [{ expect: 'files, last used' }, { type: 'dora\r' }]);
  expect([yes.code, existsSync(home('dora'))]).toEqual([0, false]);
});

test('a workspace whose home is in the trash says how it comes back, and goes on when it does', async () => {
  await lab.cli('stop', 'bob', '--wait');
  writeFileSync(join(home('bob'), 'mine'), 'still here');
  const entry = 'bob@20261124T153000Z';
  renameSync(home('bob'), join(lab.data, 'trash', entry));
  await lab.cli('start', 'bob');
  await until(() => lab.condition('bob', 'Ready')?.message.includes(`workdock home restore bob brings back ${entry}`), {
    deadlineMs: 15_000,
    what: () => JSON.stringify(lab.status('bob')),
  });
  expect((await lab.cli('trash', 'list')).stdout).toMatch(/bob waits for home restore/);
  const { Id: before } = await lab.inspect('bob');
  expect((await lab.cli('home', 'restore', 'bob')).code).toBe(0);
  await lab.phase('bob', 'Running');
  expect((await lab.inspect('bob')).Id).toBe(before);
  expect(await lab.sh('bob', 'cat ~/mine')).toBe('still here');
});

test('--swap moves the present home to the trash, once nobody is in it', async () => {
  run('cp', '-a', home('bob'), join(lab.data, 'trash', 'bob@20250101T000000Z'));
  await lab.sh('bob', 'rm -f ~/mine && echo newer > ~/mine');
  const up = await lab.cli('home', 'restore', 'bob', '--swap');
  expect([up.code, up.stderr]).toEqual([7, expect.stringContaining('workdock stop bob --wait')]);
  await lab.cli('stop', 'bob', '--wait');
  expect((await lab.cli('home', 'restore', 'bob')).stderr).toMatch(
    /workdock home restore bob --swap moves the present/,
  );
  const swapped = await lab.cli('home', 'restore', 'bob', '--swap');
  expect(swapped, swapped.stderr).toMatchObject({ code: 0 });
  await lab.cli('start', 'bob', '--wait');
  expect(await lab.sh('bob', 'cat ~/mine')).toBe('still here');
  const now = inTrash().filter((name) => name.startsWith('bob@'));
  expect(now.map((entry) => readFileSync(join(lab.data, 'trash', entry, 'mine'), 'utf8'))).toEqual(['newer\n']);
});

test('a home that somebody writes to while it is packed: said with --keep, and not moved without', async () => {
  await lab.cli('stop', 'bob', '--wait');
  for (const name of ['bob', 'cleo']) run('dd', 'if=/dev/urandom', `of=${home(name)}/large`, 'bs=1M', 'count=15');
  const writer = (name: string) => {
    const files = join(lab.data, 'archives');
    const part = () => existsSync(files) && archives().some((each) => each.startsWith(`.${name}@`));
    return until(part, { deadlineMs: 30_000, everyMs: 5 }).then(() => writeFileSync(join(home(name), 'late'), 'x'));
  };
  const [kept] = await Promise.all([lab.cli('home', 'archive', 'bob', '--keep'), writer('bob')]);
  expect([kept.code, kept.stderr]).toEqual([0, expect.stringContaining('changed while it was read: late')]);
  const [moved] = await Promise.all([lab.cli('home', 'archive', 'cleo'), writer('cleo')]);
  expect([moved.code, moved.stderr]).toEqual([8, expect.stringMatching(/is written, and the home stays: .* changed/)]);
  expect(existsSync(home('cleo'))).toBe(true);
  expect(archives().filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a volume or path home, and a link in the place of one, are no homes to move', async () => {
  const elsewhere = join(lab.root, 'elsewhere');
  mkdirSync(elsewhere);
  run('ln', '-s', elsewhere, home('linked'));
  onTestFinished(() => rmSync(home('linked')));
  expect((await lab.json<HomeRow[]>('home', 'list')).map(({ home }) => home)).not.toContain('linked');
  for (const verb of [['archive'], ['purge', '--confirm', 'linked']]) {
    expect((await lab.cli('home', ...verb, 'linked')).code).toBe(5);
  }
  expect((await lab.cli('home', 'restore', 'linked', '--from', 'mine.tar.gz')).code).toBe(7);
  expect(existsSync(elsewhere)).toBe(true);
});
