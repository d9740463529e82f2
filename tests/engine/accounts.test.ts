import { describe, expect, onTestFinished, test } from 'vitest';
import { makeDockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';
import { packFiles } from '../../src/runtime/docker/tar.ts';
import { openEngine, type TestEngine } from '../support/engine.ts';

const sudo = { security: { profile: 'sudo' as const } };

/** An image made from the test image by a root shell. */
async function makeImage({ docker, prefix, fitted }: TestEngine, name: string, script: string): Promise<string> {
  const container = await docker.createContainer({
    Image: fitted().image.ref,
    Cmd: ['sh', '-c', script],
    User: '0',
    name: `${prefix}seed-${name}`,
  });
  await container.start();
  expect(await container.wait()).toMatchObject({ StatusCode: 0 });
  await container.commit({ repo: `${prefix}${name}`, tag: '1' });
  const ref = `${prefix}${name}:1`;
  onTestFinished(() =>
    docker
      .getImage(ref)
      .remove({ force: true })
      .then(() => undefined),
  );
  return ref;
}

describe('the owner inside', () => {
  test('has a name, a home, groups and a shell', async () => {
    const { up, inside } = await openEngine();
    const { id } = await up({ groups: [2001, 50], identity: { uid: 20_007, gid: 20_007, groups: [2002] } });
    const { stdout } = await inside(
      id,
      'whoami; id; getent passwd ada; getent group staff 2002; echo $HOME $USER $SHELL; pwd',
    );
    expect(stdout.split('\n')).toEqual([
      'ada',
      'uid=20007(ada) gid=20007(ada) groups=20007(ada),50(staff),2001(grp2001),2002(grp2002)',
      'ada:*:20007:20007::/home/user:/bin/bash',
      'staff:x:50:ada',
      'grp2002:x:2002:ada',
      '/home/user ada /bin/bash',
      '/home/user',
    ]);
    expect((await inside(id, 'stat -c "%U %G %a" /home/user /etc /etc/passwd /etc/group')).stdout.split('\n')).toEqual([
      'ada ada 700',
      'root root 755',
      'root root 644',
      'root root 644',
    ]);
    expect((await inside(id, 'touch /home/user/x && stat -c %u /home/user/x')).stdout).toBe('20007');
  });

  test('is known after every start, whatever the user made of the files, whose other lines stay', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up(sudo);
    const change = [
      'echo mine:x:4000:4000::/:/bin/sh >> /etc/passwd',
      'echo mygroup:x:4000:ada >> /etc/group',
      'sed -i /^ada:/d /etc/passwd',
    ];
    for (const line of change) expect((await inside(id, line, '0')).code).toBe(0);
    await runtime.stop(id, 5);
    await runtime.start(id, wanted);
    const { stdout } = await inside(id, 'whoami; getent passwd mine; getent group mygroup');
    expect(stdout.split('\n')).toEqual(['ada', 'mine:x:4000:4000::/:/bin/sh', 'mygroup:x:4000:ada']);
  });

  test('keeps a shell he chose himself', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up(sudo);
    await inside(id, 'sed -i "s#^\\(ada:.*\\):/bin/bash#\\1:/bin/dash#" /etc/passwd', '0');
    await runtime.stop(id, 5);
    await runtime.start(id, wanted);
    expect((await inside(id, 'getent passwd ada')).stdout).toMatch(/:\/bin\/dash$/);
  });

  test('finds his home as it was, when he made /etc/passwd a symlink into it', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up(sudo);
    const trap = 'echo mine:x:4000:4000::/:/bin/sh > /home/user/bait && ln -sf /home/user/bait /etc/passwd';
    expect((await inside(id, trap, '0')).code).toBe(0);
    await runtime.stop(id, 5);
    await runtime.start(id, wanted);
    expect((await inside(id, 'cat /home/user/bait')).stdout).toBe('mine:x:4000:4000::/:/bin/sh');
    expect((await inside(id, 'whoami; test -L /etc/passwd')).stdout).toBe('ada');
  });

  test('is known too when somebody put files into /etc before the first start', async () => {
    const { runtime, fitted, inside, docker } = await openEngine();
    const wanted = fitted();
    await runtime.ensureHome(wanted);
    const id = await runtime.create(wanted, 1);
    const files = packFiles([{ name: 'motd', content: Buffer.from('theirs') }]);
    await docker.getContainer(id).putArchive(files, { path: '/etc' });
    await runtime.start(id, wanted);
    expect((await inside(id, 'whoami; getent passwd root; cat /etc/motd')).stdout.split('\n')).toEqual([
      'ada',
      'root:x:0:0:root:/root:/bin/bash',
      'theirs',
    ]);
  });

  test('is the same for a controller that was restarted', async () => {
    const { up, inside, runtime, prefix, instanceUid } = await openEngine();
    const { id, wanted } = await up();
    await runtime.stop(id, 5);
    const other = makeDockerRuntime({ instanceUid, prefix, mountRoots: [], secrets: async () => ({}) });
    await other.start(id, wanted);
    expect((await inside(id, 'whoami; grep -c ^ada: /etc/passwd')).stdout).toBe('ada\n1');
  });
});

describe('images and owners', () => {
  test.each(['root', 'daemon', 'www-data'])(
    'an owner named like an account of the image (%s) is refused',
    async (owner) => {
      const { runtime, fitted } = await openEngine();
      const wanted = fitted({ owner });
      await runtime.ensureHome(wanted);
      await expect(runtime.create(wanted, 1)).rejects.toMatchObject({ code: 'OWNER_RESERVED' });
    },
  );

  test("an image's account with the owner's uid does not take his name", async () => {
    const engine = await openEngine();
    const ref = await makeImage(engine, 'jovyan', 'echo jovyan:x:20001:100::/home/jovyan:/bin/sh >> /etc/passwd');
    const { id } = await engine.up({ image: { ref, pullPolicy: 'Never' } });
    expect((await engine.inside(id, 'whoami')).stdout).toBe('ada');
    expect((await engine.inside(id, 'getent passwd jovyan')).stdout).toContain('/home/jovyan');
  });

  test('an image without bash or accounts still gets an owner with a shell', async () => {
    const engine = await openEngine();
    const ref = await makeImage(engine, 'bare', 'rm /bin/bash /etc/passwd /etc/group');
    const { id } = await engine.up({ image: { ref, pullPolicy: 'Never' } });
    expect((await engine.inside(id, 'whoami; echo $SHELL; getent passwd ada')).stdout.split('\n')).toEqual([
      'ada',
      '/bin/sh',
      'ada:*:20001:20001::/home/user:/bin/sh',
    ]);
  });

  test('an image whose /etc/passwd is a symlink works', async () => {
    const engine = await openEngine();
    const ref = await makeImage(engine, 'linked', 'mv /etc/passwd /usr/passwd && ln -s /usr/passwd /etc/passwd');
    const { id } = await engine.up({ image: { ref, pullPolicy: 'Never' } });
    expect((await engine.inside(id, 'whoami; getent passwd daemon')).stdout).toContain('ada\ndaemon:');
  });

  test('nothing is left of looking at an image', async () => {
    const { up, docker, instanceUid } = await openEngine();
    await up();
    const filters = { label: [`dev.workdock.probe=${instanceUid}`] };
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  });
});
