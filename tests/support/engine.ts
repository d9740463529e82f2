import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { onTestFinished } from 'vitest';
import type { Fitted } from '../../src/model/fitted.ts';
import type { NetworkSpec } from '../../src/model/runtime.ts';
import { type DockerOptions, makeDockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';
import { aFitted } from './fitted.ts';
import { randomPrefix, randomSubnet, randomUid } from './prefix.ts';

const run = promisify(execFile);

export type Inside = { code: number; stdout: string; stderr: string };

/** Names to small numbers, so that every workspace of a test has its own uid and address. */
const numbering = () => {
  const names: string[] = [];
  return (name: string) => {
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name);
  };
};

/**
 * The real engine with a prefix, an instance, a data folder and a network of the test's own. Everything is gone when
 * the test ends.
 */
export async function openEngine(more: Partial<DockerOptions> = {}) {
  const docker = new Docker();
  const [prefix, instanceUid] = [more.prefix ?? randomPrefix(), randomUid()];
  const data = mkdtempSync(join(tmpdir(), 'workdock-engine-'));
  const options = { instanceUid, prefix, mountRoots: [data], secrets: async () => ({}), ...more };
  const runtime = makeDockerRuntime(options);
  const numberOf = numbering();
  const { subnet, gateway, address } = randomSubnet();
  const network: NetworkSpec = { name: `${prefix}net`, bridge: `wd-${instanceUid.slice(0, 8)}`, subnet, gateway };

  const fitted = (over: Partial<Fitted> = {}): Fitted => {
    const name = over.name ?? 'ada';
    const number = numberOf(name);
    const online = over.network?.mode !== 'none';
    const body = {
      name,
      owner: name,
      stopGraceSeconds: 5,
      identity: { uid: 20_001 + number, gid: 20_001 + number, groups: [] },
      home: { place: { kind: 'folder' as const, name }, mountPath: '/home/user', shared: false },
      homeSource: join(data, 'users', name),
      networkName: online ? network.name : null,
      address: online ? address(2 + number) : null,
    };
    return aFitted({ ...body, ...over });
  };
  const filters = { label: [`dev.workdock.instance=${instanceUid}`] };
  const dispose = async () => {
    const byLabel = await docker.listContainers({ all: true, filters });
    const byName = await docker.listContainers({ all: true, filters: { name: [`^/?${prefix}`] } });
    const ids = new Set([...byLabel, ...byName].map(({ Id }) => Id));
    for (const id of ids) await ignore(docker.getContainer(id).remove({ force: true, v: true }));
    for (const { Id } of await docker.listNetworks({ filters })) await ignore(docker.getNetwork(Id).remove());
    const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) } as object);
    for (const { Name } of Volumes) await ignore(docker.getVolume(Name).remove());
    rmSync(data, { recursive: true, force: true });
  };
  onTestFinished(dispose, 60_000);
  await runtime.ensureNetwork(network);

  /** Runs `sh -c` inside as the container's own user, or as another. Never throws for the command's exit code. */
  const inside = async (id: string, script: string, user?: string): Promise<Inside> => {
    const as = user === undefined ? [] : ['--user', user];
    const done = await run('docker', ['exec', ...as, id, 'sh', '-c', script]).catch((error: unknown) => error);
    const { code, stdout, stderr } = done as { code?: number; stdout: string; stderr: string };
    return { code: code ?? 0, stdout: stdout.trim(), stderr: stderr.trim() };
  };
  return {
    ...{ docker, runtime, prefix, instanceUid, data, network, address, fitted, inside, dispose },
    /** Home, container, start. */
    up: async (over: Partial<Fitted> = {}) => {
      const wanted = fitted(over);
      await runtime.ensureHome(wanted);
      const id = await runtime.create(wanted, 1);
      await runtime.start(id, wanted);
      return { id, wanted };
    },
  };
}

export type TestEngine = Awaited<ReturnType<typeof openEngine>>;

const ignore = (call: Promise<unknown>) => call.catch(() => undefined);
