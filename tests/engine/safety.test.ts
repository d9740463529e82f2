import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openEngine } from '../support/engine.ts';

const sudo = { security: { profile: 'sudo' as const } };
const bits = (names: number[]) => names.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n).toString(16);

/** Numbers of capabilities(7): CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID AUDIT_WRITE SETFCAP. */
const sudoMask = bits([0, 1, 3, 4, 5, 6, 7, 29, 31]).padStart(16, '0');

const field = (status: string, name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];

describe('a workspace from inside', () => {
  test('is its owner, without capabilities or a way to get more, under seccomp', async () => {
    const { up, inside } = await openEngine();
    const { id, wanted } = await up();
    const { stdout } = await inside(id, 'cat /proc/1/status; id -u; id -g');
    const names = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'];
    expect(names.map((name) => field(stdout, name))).toEqual(names.map(() => '0'.repeat(16)));
    expect([field(stdout, 'NoNewPrivs'), field(stdout, 'Seccomp')]).toEqual(['1', '2']);
    expect(stdout.split('\n').slice(-2)).toEqual([`${wanted.identity.uid}`, `${wanted.identity.gid}`]);
    const refused = await inside(id, 'sudo -n id');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('no new privileges');
  });

  test('has, with the profile sudo, what sudo and apt need and nothing else', async () => {
    const { up, inside } = await openEngine();
    const { id, wanted } = await up(sudo);
    expect((await inside(id, 'sudo -n id -u')).stdout).toBe('0');
    const status = (await inside(id, 'sudo -n cat /proc/self/status')).stdout;
    expect([field(status, 'CapBnd'), field(status, 'Seccomp')]).toEqual([sudoMask, '2']);
    expect(field((await inside(id, 'cat /proc/self/status')).stdout, 'CapEff')).toBe('0'.repeat(16));
    const apt = [
      'touch /usr/share/made',
      'chown 33:33 /usr/share/made',
      'chmod 4755 /usr/share/made',
      'setpriv --reuid=65534 --clear-groups id -u',
    ].join(' && ');
    expect(await inside(id, `sudo -n sh -c '${apt}'`)).toEqual({ code: 0, stdout: '65534', stderr: '' });
    expect((await inside(id, 'id -u')).stdout).toBe(`${wanted.identity.uid}`);
    for (const denied of ['mount -t tmpfs x /mnt', 'ip link add d type dummy', 'mknod /tmp/n c 1 3', 'chroot / true'])
      expect([denied, (await inside(id, `sudo -n ${denied}`)).code]).not.toEqual([denied, 0]);
  });

  test('knows how many threads its processors are worth, unless its spec says otherwise', async () => {
    const { up, inside } = await openEngine();
    const limits = { nanoCpus: 1_500_000_000, memoryBytes: 128 * 2 ** 20, pids: 64 };
    const { id } = await up({ limits, env: { OMP_NUM_THREADS: '7' } });
    const { stdout } = await inside(id, 'env | grep _NUM_THREADS | sort');
    expect(stdout.split('\n')).toEqual([
      'MKL_NUM_THREADS=2',
      'NUMEXPR_NUM_THREADS=2',
      'OMP_NUM_THREADS=7',
      'OPENBLAS_NUM_THREADS=2',
      'VECLIB_MAXIMUM_NUM_THREADS=2',
    ]);
  });

  test('gets the values of its secret files, and no label or command shows them', async () => {
    const asked: string[][] = [];
    const secrets = async (files: string[]) => {
      asked.push(files);
      return { TOKEN: 's3cret' };
    };
    const { up, inside, docker } = await openEngine({ secrets });
    const { id } = await up({ envFrom: ['ada.env'] });
    expect((await inside(id, 'echo $TOKEN')).stdout).toBe('s3cret');
    expect(asked).toEqual([['ada.env']]);
    const { Config, Args } = await docker.getContainer(id).inspect();
    expect(JSON.stringify([Config.Labels, Config.Cmd, Args])).not.toContain('s3cret');
  });
});

describe('what the engine is told', () => {
  test('publishes no port, even one the image exposes; ends its logs; restarts nothing by itself', async () => {
    const { docker, up, fitted, prefix } = await openEngine();
    const seed = await docker.createContainer({ Image: fitted().image.ref, Cmd: ['true'], name: `${prefix}seed` });
    const ref = `${prefix}exposing:1`;
    await seed.commit({ repo: `${prefix}exposing`, tag: '1', changes: 'EXPOSE 8080' });
    onTestFinished(() =>
      docker
        .getImage(ref)
        .remove({ force: true })
        .then(() => undefined),
    );
    const { id } = await up({ image: { ref, pullPolicy: 'Never' } });
    const { Config, HostConfig, NetworkSettings } = await docker.getContainer(id).inspect();
    expect(Object.keys(Config.ExposedPorts ?? {})).toEqual(['8080/tcp']);
    expect(Object.values(NetworkSettings.Ports).filter(Boolean)).toEqual([]);
    expect(HostConfig).toMatchObject({
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      RestartPolicy: { Name: 'no' },
      Privileged: false,
      PublishAllPorts: false,
      Init: true,
      IpcMode: 'private',
      Binds: null,
    });
    await docker.getContainer(id).remove({ force: true });
  });
});

describe('host paths', () => {
  /** A root folder with one inside, and a folder outside with something to lose. */
  const openFolders = () => {
    const base = mkdtempSync(join(tmpdir(), 'workdock-mounts-'));
    onTestFinished(() => rmSync(base, { recursive: true, force: true }));
    chmodSync(base, 0o755);
    const [root, outside] = [join(base, 'root'), join(base, 'outside')];
    mkdirSync(join(root, 'shared'), { recursive: true });
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret'), 'host');
    writeFileSync(join(root, 'shared', 'file'), 'shared');
    return { root, outside };
  };
  const mount = (source: string, readOnly = true) => [{ source, target: '/data', readOnly }];

  test('inside mountRoots are mounted, read-only when asked', async () => {
    const { root } = openFolders();
    const { up, inside } = await openEngine({ mountRoots: [root] });
    const { id } = await up({ mounts: mount(join(root, 'shared')) });
    expect((await inside(id, 'cat /data/file')).stdout).toBe('shared');
    expect((await inside(id, 'touch /data/new', '0')).stderr).toContain('Read-only');
  });

  test('outside them are refused: as such, with dots, through a symlink, and when none is allowed', async () => {
    const { root, outside } = openFolders();
    symlinkSync(outside, join(root, 'link'));
    const { runtime, fitted } = await openEngine({ mountRoots: [root] });
    const none = await openEngine({ mountRoots: [] });
    const sources = [outside, join(root, 'link'), `${root}/../outside`, join(root, 'missing'), '/'];
    for (const source of sources) {
      const wanted = fitted({ mounts: mount(source) });
      expect((await runtime.observe(wanted)).missingMounts.map((missing) => missing.source)).toEqual([source]);
      await runtime.ensureHome(wanted);
      await expect(runtime.create(wanted, 1)).rejects.toMatchObject({ code: 'MOUNT_MISSING' });
    }
    const wanted = none.fitted({ mounts: mount(join(root, 'shared')) });
    expect((await none.runtime.observe(wanted)).missingMounts).toHaveLength(1);
  });

  test('are looked at again before every start: a symlink planted meanwhile is not followed', async () => {
    const { root, outside } = openFolders();
    const { runtime, fitted } = await openEngine({ mountRoots: [root] });
    const wanted = fitted({ mounts: mount(join(root, 'shared')) });
    await runtime.ensureHome(wanted);
    const id = await runtime.create(wanted, 1);
    rmSync(join(root, 'shared'), { recursive: true });
    symlinkSync(outside, join(root, 'shared'));
    await expect(runtime.start(id, wanted)).rejects.toMatchObject({ code: 'MOUNT_MISSING' });
  });

  test('below a folder that others may change are refused', async () => {
    const { root } = openFolders();
    mkdirSync(join(root, 'open', 'project'), { recursive: true });
    chmodSync(join(root, 'open'), 0o777);
    const { runtime, fitted } = await openEngine({ mountRoots: [root] });
    const [first] = (await runtime.observe(fitted({ mounts: mount(join(root, 'open', 'project')) }))).missingMounts;
    expect(first?.message).toContain('can be changed by others');
    expect((await runtime.observe(fitted({ mounts: mount(join(root, 'open')) }))).missingMounts).toEqual([]);
  });

  test('as homes must be there, inside mountRoots, and belong to the owner', async () => {
    const { root, outside } = openFolders();
    const { runtime, fitted } = await openEngine({ mountRoots: [root] });
    const state = async (path: string) => {
      const home = { place: { kind: 'path' as const, path }, mountPath: '/home/user', shared: false };
      return (await runtime.observe(fitted({ home, homeSource: path }))).home;
    };
    expect(await state(join(root, 'missing'))).toMatchObject({ kind: 'unusable' });
    expect(await state(join(root, 'shared'))).toMatchObject({ kind: 'wrongOwner', uid: 0 });
    symlinkSync(outside, join(root, 'home'));
    expect(await state(join(root, 'home'))).toMatchObject({ kind: 'unusable' });
  });
});
