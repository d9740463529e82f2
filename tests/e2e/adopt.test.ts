import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Intent } from '../../src/model/intent.ts';
import type { PlanRow } from '../../src/model/service.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const UID = 23_456;
const IMAGE = 'workdock-test:latest';
/** Among many tests on a small machine. */
const within = { deadlineMs: 20_000 };
const config = (people: string[]) => {
  const users = people.map((name, at) => `${name}: {uid: ${UID + at}}`).join(', ');
  return `resync: 1h\nmountRoots: ["{root}/homes"]\nusers: {${users}}\n`;
};
const intent = (lab: Lab, name: string) =>
  JSON.parse(readFileSync(join(lab.data, '.workdock', 'intents', `${name}.json`), 'utf8')) as Intent;

/** A home outside of the data folder, as who came before workdock has it. */
function makeHome(lab: Lab, name: string, uid: number): string {
  const home = join(lab.root, 'homes', name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'thesis.txt'), `of ${name}\n`.repeat(1_000));
  chownSync(home, uid, uid);
  return home;
}
const homeSpec = (home: string) => `storage: {home: {source: ${home}, mountPath: /home/jovyan}}`;
/** Somebody's `docker run`, of `name` with the prefix of the lab. Returns its full id. */
const run = (lab: Lab, name: string, ...options: string[]) =>
  lab.hand(
    'run',
    '-d',
    '--name',
    `${lab.prefix}${name}`,
    ...options,
    IMAGE,
    'sh',
    '-c',
    'sleep 4242 & exec sleep 4343',
  );
const taken = (lab: Lab, name: string) => lab.condition(name, 'NameTaken');
const digestOf = (folder: string) =>
  execFileSync('sh', ['-c', 'find . -type f ! -path "./.workdock/*" -exec sha256sum {} + | sort'], {
    cwd: folder,
    encoding: 'utf8',
  });
const start = async (lab: Lab, name: string) => (await lab.inspect(name)).State;

test('a running container made by hand is taken over as it runs, and made anew at its next stop', async () => {
  const lab = makeLab(config(['alice']));
  const home = makeHome(lab, 'alice', UID);
  const options = ['-p', '127.0.0.1::8888', '-e', 'TOKEN=s3cret-word', '-e', 'LAB=neuro', '--restart', 'always'];
  const mounts = ['--mount', `type=bind,src=${home},dst=/home/jovyan`, '-v', '/scratch'];
  const id = await run(lab, 'alice', ...options, '--cpu-period', '50000', '--cpu-quota', '50000', ...mounts);
  const before = await lab.inspect('alice');
  const volume = before.Mounts.find(({ Type }) => Type === 'volume')!.Name!;
  lab.afterwards(() => lab.hand('volume', 'rm', volume));
  await lab.hand('exec', id, 'sh', '-c', 'echo installed > /opt/tool');
  const spec = (...more: string[]) => workspaceYaml('alice', [homeSpec(home), 'env: {LAB: neuro}', ...more]);

  // Without the word it is somebody else's, and left alone.
  lab.write('alice.yaml', spec());
  let controller = await lab.up();
  await until(() => taken(lab, 'alice')?.status === 'True', within);
  expect(taken(lab, 'alice')).toMatchObject({ reason: 'Foreign', message: expect.stringMatching(/write adopt: true/) });
  expect(lab.status('alice')?.phase).toBe('Failed');

  // What it would be, before it is.
  await lab.cli('suspend', 'alice');
  lab.write('alice.yaml', spec('adopt: true', 'updatePolicy: Now'));
  await until(async () => {
    const [row] = await lab.json<PlanRow[]>('plan', 'alice');
    return row?.changes.some(({ field, to }) => field === 'container' && to === 'taken over as it runs');
  }, within);
  const plan = (await lab.cli('plan', 'alice')).stdout;
  for (const word of [/ports/, /\/opt\/tool/, /made {2}by hand/]) expect(plan).toMatch(word);
  expect(plan).not.toContain('s3cret');
  expect(taken(lab, 'alice')?.message).toMatch(/adopt takes it over once this is over/);
  expect((await lab.inspect('alice')).HostConfig.RestartPolicy!.Name).toBe('always');
  await lab.cli('resume', 'alice');
  await lab.phase('alice', 'Running');
  await until(() => lab.status('alice')?.pending.length && lab.status('alice')?.plan.length === 0, within);

  // The same container, the same processes and networks; limits and the restart policy are ours.
  const after = await lab.inspect('alice');
  expect([after.Id, after.State.Pid, after.State.StartedAt]).toEqual([id, before.State.Pid, before.State.StartedAt]);
  expect(after.NetworkSettings.Ports).toEqual(before.NetworkSettings.Ports);
  expect(after.HostConfig).toMatchObject({
    CpuQuota: 50_000,
    CpuPeriod: 100_000,
    Memory: 128 * 2 ** 20,
    PidsLimit: 64,
  });
  expect(after.HostConfig.RestartPolicy!.Name).toBe('no');
  expect(intent(lab, 'alice').adopted).toEqual([id]);
  expect(JSON.stringify([intent(lab, 'alice'), lab.status('alice'), controller.log()])).not.toContain('s3cret');
  expect(taken(lab, 'alice')?.status).toBe('False');
  await until(() => lab.events('alice').some(({ reason }) => reason === 'Adopted'), within);
  const fields = () =>
    lab.status('alice')?.pending.map(({ field, from, to, cost }) => `${field} ${from}>${to} ${cost}`);
  expect(fields()).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ports 127\.0\.0\.1:any->8888\/tcp> nextStop$/),
      expect.stringMatching(/^user root>23456:23456 nextStop$/),
      'env.TOKEN (set by hand)> nextStop',
      'made by hand>by workdock nextStop',
      'security.profile of the engine>restricted nextStop',
      `network bridge>${lab.prefix}net nextStop`,
    ]),
  );
  expect(fields()?.filter((field) => /^(env\.LAB|storage\.home|image|owner)/.test(field))).toEqual([]);
  expect(lab.condition('alice', 'UpdatePending')).toMatchObject({ status: 'True', reason: 'NextStop' });
  const { stdout } = await lab.cli('exec', 'alice', '--', 'sh', '-c', 'head -n 1 ~/thesis.txt; id -u');
  expect(stdout).toBe(`of alice
${UID}
`);
  expect((await lab.cli('get', '-o', 'name')).stdout).toBe('alice\n');

  // Whoever comes after knows it too: with the status gone, and without the word in the file.
  await controller.kill('SIGKILL');
  execFileSync('rm', ['-rf', lab.state]);
  lab.write('alice.yaml', spec());
  controller = await lab.up();
  await lab.phase('alice', 'Running');
  expect((await lab.inspect('alice')).Id).toBe(id);
  expect(taken(lab, 'alice')?.status).toBe('False');
  // A hand is seen by its events: the resync is not needed for it.
  await lab.container('alice').pause();
  await until(async () => (await start(lab, 'alice')).Status === 'running', { deadlineMs: 3_000 });
  await lab.hand('rename', `${lab.prefix}alice`, `${lab.prefix}hidden`);
  await until(async () => (await lab.inspect('alice').catch(() => undefined))?.Id === id, within);

  // The stop applies what waits; the old one goes when the new one has proven itself, and its volume stays.
  const kept = digestOf(home);
  expect((await lab.cli('restart', 'alice', '--wait')).code).toBe(0);
  await until(async () => (await lab.mine()).length === 1 && lab.status('alice')?.phase === 'Running', within);
  const anew = await lab.inspect('alice');
  expect(anew.Id).not.toBe(id);
  expect(anew.Config.User).toBe(`${UID}:${UID}`);
  expect(digestOf(home)).toBe(kept);
  expect(await lab.sh('alice', 'head -n 1 ~/thesis.txt; id -un')).toBe('of alice\nalice');
  await until(() => intent(lab, 'alice').adopted === undefined && lab.status('alice')?.pending.length === 0, within);
  expect(await lab.hand('volume', 'ls', '-q', '-f', `name=${volume}`)).toBe(volume);
});

test('what cannot be taken over is left alone, and said', async () => {
  const people = ['bare', 'other', 'readonly', 'auto', 'compose', 'stopped', 'foreign', 'owner', 'copy'];
  const lab = makeLab(config([...people, 'hub']));
  const homes = new Map(people.map((name, at) => [name, makeHome(lab, name, UID + at)]));
  const mount = (name: string, more = '') => ['--mount', `type=bind,src=${homes.get(name)},dst=/home/jovyan${more}`];
  chownSync(homes.get('owner')!, 1_000, 100);
  await run(lab, 'bare');
  await run(lab, 'other', ...mount('bare'));
  await run(lab, 'readonly', ...mount('readonly', ',readonly'));
  await run(lab, 'auto', '--rm', ...mount('auto'));
  const labels = ['--label', 'com.docker.compose.project=hub', '--label', 'com.docker.compose.service=lab'];
  await run(lab, 'compose', ...labels, ...mount('compose'));
  await run(lab, 'stopped', ...mount('stopped'));
  await lab.hand('kill', `${lab.prefix}stopped`);
  await run(lab, 'foreign', '--label', 'dev.workdock.instance=not-this-one', ...mount('foreign'));
  await run(lab, 'owner', ...mount('owner'));
  // Copies of one of ours, under a name of ours and under any other.
  lab.write('ours.yaml', workspaceYaml('ours', [], 'ours'));
  await lab.up();
  await lab.phase('ours', 'Running');
  const image = `workdock-copy-${lab.prefix}x:latest`;
  await lab.hand('commit', `${lab.prefix}ours`, image);
  lab.afterwards(() => lab.hand('rmi', '-f', image));
  for (const name of ['copy', 'elsewhere']) {
    await lab.hand(
      'run',
      '-d',
      '--name',
      `${lab.prefix}${name}`,
      '--entrypoint',
      'sleep',
      ...mount('copy'),
      image,
      '4242',
    );
  }
  const wasThere = async () =>
    (await lab.mine()).filter(({ Names }) => !/(ours|hub)$/.test(Names[0]!)).map(({ Id, State }) => `${Id} ${State}`);
  const before = (await wasThere()).sort();
  expect(before.length).toBe(10);

  // A volume is a home as well, and nobody has to have entered.
  const volume = `${lab.prefix}hub`;
  await lab.hand('volume', 'create', volume);
  lab.afterwards(() => lab.hand('volume', 'rm', volume));
  chownSync(await lab.hand('volume', 'inspect', '-f', '{{.Mountpoint}}', volume), UID + people.length, 100);
  const kept = await run(lab, 'hub', '-v', `${volume}:/home/jovyan`);
  const hub = ['storage: {home: {volume: HERE, mountPath: /home/jovyan}}', 'adopt: true', 'state: OnDemand'];
  lab.write('hub.yaml', workspaceYaml('hub', hub, 'hub').replace('HERE', volume));
  await lab.phase('hub', 'Running', 20_000);
  expect(lab.status('hub')?.container?.id).toBe(kept);

  const file = (name: string) => workspaceYaml(name, [homeSpec(homes.get(name)!), 'adopt: true', 'updatePolicy: Now']);
  lab.write('all.yaml', people.map(file).join('---\n'));
  await until(() => people.every((name) => taken(lab, name)?.status === 'True'), within);
  const said = Object.fromEntries(people.map((name) => [name, taken(lab, name)]));
  const messages: Record<string, RegExp> = {
    bare: /nothing is mounted at \/home\/jovyan/,
    other: /homes\/bare is mounted at \/home\/jovyan, and not the home .*homes\/other/,
    readonly: /mounted read-only/,
    auto: /--rm/,
    compose: /docker compose made it \(project hub, service lab\)/,
    stopped: /it is exited.*docker start/,
    foreign: /another workdock, instance not-this-one/,
    owner: /belongs to 1000:100, not to owner \(23463:23463\).*users: {owner: {uid: 1000}} in the config/,
  };
  for (const [name, message] of Object.entries(messages)) {
    expect(said[name]).toMatchObject({ reason: 'NotAdoptable', message: expect.stringMatching(message) });
  }
  expect(said['copy']).toMatchObject({ reason: 'Copy', message: expect.stringMatching(/docker commit/) });
  expect((await lab.cli('plan', 'bare')).stdout).toMatch(/nothing is mounted/);
  expect((await lab.cli('why', 'auto')).stdout).toMatch(/--rm/);
  await until(
    () => lab.events('ours').some(({ reason, message }) => reason === 'CopyIgnored' && /elsewhere/.test(message)),
    within,
  );
  expect((await wasThere()).sort()).toEqual(before);
  expect(lab.status('ours')?.phase).toBe('Running');

  // What is mended is seen without another word: its own events wake the loop.
  await lab.hand('start', `${lab.prefix}stopped`);
  await lab.phase('stopped', 'Running', 4_000);
  expect(intent(lab, 'stopped').adopted?.length).toBe(1);

  // A removal goes as any: the container, and not the home.
  expect(readdirSync(homes.get('stopped')!)).toContain('thesis.txt');
});

test('a controller that is killed between the record and the first step goes on with it', async () => {
  const shim = `--import=${resolve('tests/support/durable-shim.ts')}`;
  const lab = makeLab(`${config(['alice'])}deletion: {grace: 1s, removeAfter: 1s}\n`, { NODE_OPTIONS: shim });
  const home = makeHome(lab, 'alice', UID);
  const id = await run(lab, 'alice', '--mount', `type=bind,src=${home},dst=/home/jovyan`);
  const { Pid } = await start(lab, 'alice');
  const key = 'rename data/.workdock/intents/alice.json';
  const trap = (nth: number) => writeFileSync(join(lab.root, 'trap.json'), JSON.stringify({ key, nth, when: 'after' }));
  lab.write('alice.yaml', workspaceYaml('alice', [homeSpec(home), 'adopt: true', 'state: OnDemand']));
  trap(2);
  const first = await lab.up({ ready: false });
  await first.ended;
  expect(intent(lab, 'alice').adopted).toEqual([id]);
  expect((await lab.inspect('alice')).HostConfig.Memory).toBe(0);
  execFileSync('rm', [join(lab.root, 'trap.json')]);
  await lab.up();
  await lab.phase('alice', 'Running');
  await until(async () => (await lab.inspect('alice')).HostConfig.Memory === 128 * 2 ** 20, within);
  const now = await lab.inspect('alice');
  expect([now.Id, now.State.Pid]).toEqual([id, Pid]);

  const kept = digestOf(home);
  lab.remove('alice.yaml');
  await until(async () => (await lab.mine()).length === 0, within);
  expect(digestOf(home)).toBe(kept);
  await until(() => lab.events('alice').some(({ reason }) => reason === 'Removed'), within);
});
