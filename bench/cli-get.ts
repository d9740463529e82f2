import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { openLab, workspaceYaml } from '../tests/support/lab.ts';
import { paired, type Row } from './lib/paired.ts';

const COUNT = 20;
const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 15);

const wallMs = (command: string, args: string[], cwd: string): Promise<number> => {
  const startMs = performance.now();
  const child = spawn(command, args, { cwd, stdio: 'ignore' });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code) =>
      code === 0 ? done(performance.now() - startMs) : failed(new Error(`${command} exited with ${code}`)),
    );
  });
};

/** `workdock get` as a process, against `docker ps`, over the same twenty workspaces. */
export async function run(): Promise<Row[]> {
  const lab = openLab();
  try {
    const names = Array.from({ length: COUNT }, (_, i) => `w${i}`);
    for (const name of names) lab.write(`${name}.yaml`, workspaceYaml(name));
    await lab.up();
    for (const name of names) await lab.phase(name, 'Running', 120_000);
    const launcher = resolve('bin/workdock');
    const row = await paired({
      name: 'cli-get',
      unit: 'ms',
      pairs: PAIRS,
      ours: () => wallMs(launcher, ['get'], lab.root),
      peer: () => wallMs('docker', ['ps'], lab.root),
    });
    return [row];
  } finally {
    await lab.dispose();
  }
}
