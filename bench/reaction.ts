import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watch } from 'chokidar';
import type Docker from 'dockerode';
import { type Lab, openLab, workspaceYaml } from '../tests/support/lab.ts';
import { until } from '../tests/support/until.ts';
import { paired, type Row } from './lib/paired.ts';

const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 15);
const SETTLE_MS = 300;

/** Milliseconds from `save` to the engine's next `update` event of the container, by the engine's own stamp. */
async function reaction(docker: Docker, container: string, save: () => void): Promise<number> {
  const since = Math.floor(Date.now() / 1_000);
  const filters = JSON.stringify({ container: [container], event: ['update'] });
  const stream = (await docker.getEvents({ since, filters })) as NodeJS.ReadableStream & { destroy: () => void };
  let seenMs: number | undefined;
  const savedMs = Date.now();
  stream.on('data', (chunk: Buffer) => {
    const stamps = [...chunk.toString().matchAll(/"timeNano":(\d+)/g)].map((match) => Number(match[1]) / 1e6);
    seenMs ??= stamps.find((ms) => ms >= savedMs);
  });
  stream.on('error', () => undefined);
  save();
  await until(() => seenMs !== undefined, { deadlineMs: 20_000, everyMs: 5 });
  stream.destroy();
  return (seenMs ?? 0) - savedMs;
}

/** What one would write in an afternoon: chokidar waits until the file is quiet, then the engine is called. */
function plainWatcher(docker: Docker, container: string, file: string) {
  let pids = 100;
  const watcher = watch(file, {
    awaitWriteFinish: { stabilityThreshold: SETTLE_MS, pollInterval: 50 },
    ignoreInitial: true,
  });
  watcher.on('change', () => {
    pids += 1;
    void docker.getContainer(container).update({ PidsLimit: pids });
  });
  return watcher;
}

async function pairs(lab: Lab): Promise<Row> {
  for (const name of ['ours', 'peer']) lab.write(`${name}.yaml`, workspaceYaml(name));
  await lab.up();
  for (const name of ['ours', 'peer']) await lab.phase(name, 'Running');
  const loose = (await lab.inspect('peer')).Id;
  // The peer's container is nobody's business but its own watcher's.
  await lab.cli('suspend', 'peer');
  const file = join(lab.root, 'peer-spec.yaml');
  writeFileSync(file, workspaceYaml('peer'));
  const watcher = plainWatcher(lab.docker, loose, file);
  await new Promise<void>((resolve) => {
    watcher.once('ready', () => resolve());
  });
  let pids = 64;
  const text = (name: string) => {
    pids += 1;
    return workspaceYaml(name, [`resources: {pids: ${pids}}`]);
  };
  const own = (await lab.inspect('ours')).Id;
  const row = await paired({
    name: 'reaction',
    unit: 'ms',
    pairs: PAIRS,
    ours: () => reaction(lab.docker, own, () => lab.write('ours.yaml', text('ours'))),
    peer: () => reaction(lab.docker, loose, () => writeFileSync(file, text('peer'))),
  });
  await watcher.close();
  process.stderr.write(`reaction: settle is ${SETTLE_MS} ms; the bound for the median is ${SETTLE_MS + 100} ms\n`);
  return row;
}

/** From a saved file to the engine having been changed (which is after its first call), against a plain watcher. */
export async function run(): Promise<Row[]> {
  const lab = openLab(`settle: ${SETTLE_MS}ms\n`);
  try {
    return [await pairs(lab)];
  } finally {
    await lab.dispose();
  }
}
