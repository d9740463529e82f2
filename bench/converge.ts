import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { makeSemaphore } from '../src/lib/async.ts';
import { type Lab, openLab, workspaceYaml } from '../tests/support/lab.ts';
import { until } from '../tests/support/until.ts';
import { paired, type Row } from './lib/paired.ts';

const COUNT = Number(process.env['BENCH_COUNT'] ?? 60);
const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 7);
/** Containers made at once by the peer; the best of these in a first round is what it runs with. */
const WIDTHS = (process.env['BENCH_WIDTHS'] ?? '4 8 16').split(' ').map(Number);

const names = (prefix: string) => Array.from({ length: COUNT }, (_, i) => `${prefix}${i}`);
const ids = async (lab: Lab) => (await lab.mine()).map(({ Id }) => Id).filter((id) => id !== undefined);

/** Seconds from `startMs` to the latest start the engine reports. */
async function lastStart(docker: Docker, containers: readonly string[], startMs: number): Promise<number> {
  const infos = await Promise.all(containers.map((id) => docker.getContainer(id).inspect()));
  return (Math.max(...infos.map(({ State }) => Date.parse(State.StartedAt))) - startMs) / 1_000;
}

async function clear(lab: Lab, keep: string) {
  const eight = makeSemaphore(8);
  const gone = (await ids(lab)).filter((id) => id !== keep);
  await Promise.all(gone.map((id) => eight(() => lab.docker.getContainer(id).remove({ force: true }))));
}

/** A lab whose controller is up and whose one workspace shows the peer what a container of ours looks like. */
async function ready() {
  const lab = openLab(`resync: 60s\n${process.env['BENCH_CONFIG'] ?? ''}`);
  lab.write('seed.yaml', workspaceYaml('seed'));
  const controller = await lab.up();
  await lab.phase('seed', 'Running');
  return { lab, controller, seed: await lab.inspect('seed') };
}
type Ready = Awaited<ReturnType<typeof ready>>;

/** Sixty files at once; from the line that says they were read, which is before the first engine call for them. */
async function ours({ lab, controller, seed }: Ready): Promise<number> {
  for (const name of names('a')) writeFileSync(join(lab.specs, `${name}.yaml`), workspaceYaml(name));
  // A list of all containers costs the engine 4 ms: asking for it over and over would be measured as ours.
  const phases = () => Object.values(lab.summary().workspaces).filter(({ phase }) => phase === 'Running').length;
  await until(() => phases() === COUNT + 1, { deadlineMs: 120_000, everyMs: 250 });
  const read = controller
    .log()
    .split('\n')
    .findLast((line) => line.includes('"specs changed"'));
  const startMs = Date.parse((JSON.parse(read ?? '{}') as { time: string }).time);
  return lastStart(
    lab.docker,
    (await ids(lab)).filter((id) => id !== seed.Id),
    startMs,
  );
}

/** The same containers, made by nothing but the engine's own create and start. */
async function peer({ lab, seed }: Ready, width: number): Promise<number> {
  const network = `${lab.prefix}net`;
  const [base] = (seed.NetworkSettings.Networks[network]?.IPAddress ?? '').split(/\.\d+$/);
  const options = names('b').map((name, i) => {
    const home = join(lab.data, 'users', name);
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, 40_000 + i, 40_000 + i);
    const { Image, Cmd, Entrypoint, Env, WorkingDir, Labels } = seed.Config;
    return {
      ...{ name: `${lab.prefix}${name}`, Hostname: name, User: `${40_000 + i}:${40_000 + i}` },
      ...{ Image, Cmd, Entrypoint: Entrypoint ?? undefined, Env, WorkingDir },
      Labels: { ...Labels, 'dev.workdock.name': name, 'dev.workdock.instance': 'bench' },
      HostConfig: { ...seed.HostConfig, Mounts: [{ Type: 'bind' as const, Source: home, Target: '/home/user' }] },
      NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: `${base}.${100 + i}` } } } },
    };
  });
  const limit = makeSemaphore(width);
  const startMs = Date.now();
  const made = await Promise.all(
    options.map((each) =>
      limit(async () => {
        const container = await lab.docker.createContainer(each as Docker.ContainerCreateOptions);
        await container.start();
        return container.id;
      }),
    ),
  );
  return lastStart(lab.docker, made, startMs);
}

/** A round in a lab of its own, so that nothing an earlier one left is looked at. */
async function round(measure: (made: Ready) => Promise<number>): Promise<number> {
  const made = await ready();
  try {
    return await measure(made);
  } finally {
    // First the controller, or it would heal what is cleared.
    await made.controller.kill('SIGKILL');
    await clear(made.lab, '');
    await made.lab.dispose();
  }
}

/** Sixty new specs until the last is Running, against the bare engine's create and start at its best parallelism. */
export async function run(): Promise<Row[]> {
  const tried: [number, number][] = [];
  for (const width of WIDTHS) tried.push([await round((made) => peer(made, width)), width]);
  const [, best] = tried.sort(([a], [b]) => a - b)[0]!;
  process.stderr.write(`converge: the bare engine is fastest with ${best} at once\n`);
  const row = await paired({
    name: 'converge',
    unit: 's',
    pairs: PAIRS,
    ours: () => round(ours),
    peer: () => round((made) => peer(made, best)),
  });
  return [row];
}
