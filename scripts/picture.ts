import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { openLab, workspaceYaml } from '../tests/support/lab.ts';
import { until } from '../tests/support/until.ts';

/** Draws docs/picture.svg from a real session on the local engine: `node scripts/picture.ts`. */

const run = promisify(execFile);
const lab = openLab('resync: 3s\n');
const shown: { text: string; kind: 'command' | 'output' | 'note' }[] = [];
const tidy = (text: string) =>
  text.replaceAll(`${lab.specs}/`, 'workspaces/').replaceAll(`${lab.root}/`, '').replaceAll(lab.prefix, 'ws-');

const show = (kind: 'command' | 'output' | 'note', text: string) => {
  for (const line of tidy(text).trimEnd().split('\n')) shown.push({ kind, text: line });
};
const workdock = async (...args: string[]) => {
  show('command', `workdock ${args.join(' ')}`);
  const { stdout, stderr } = await lab.cli(...args);
  show('output', stdout + stderr);
};
const docker = async (...args: string[]) => {
  show('command', `docker ${args.join(' ')}`);
  const { stdout } = await run('docker', args);
  show('output', stdout);
};

const markup = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const colours = { command: '#e6edf3', output: '#9fb3c8', note: '#7ee787' };

function draw(): string {
  const width = 980;
  const step = 19;
  const lines = shown.map(({ kind, text }, i) => {
    const prompt = kind === 'command' ? '<tspan fill="#58a6ff">$ </tspan>' : kind === 'note' ? '# ' : '';
    const weight = kind === 'command' ? ' font-weight="600"' : '';
    const place = `x="22" y="${52 + i * step}" fill="${colours[kind]}"${weight}`;
    return `<text ${place} xml:space="preserve">${prompt}${markup(text.slice(0, 112))}</text>`;
  });
  const height = 70 + shown.length * step;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    '<circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/>',
    '<circle cx="62" cy="20" r="6" fill="#28c840"/>',
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="13.5">',
    ...lines,
    '</g></svg>',
    '',
  ].join('\n');
}

try {
  for (const name of ['ada', 'bea']) lab.write(`${name}.yaml`, workspaceYaml(name));
  lab.write('carl.yaml', workspaceYaml('carl', ['resources: {memory: 8GB}']));
  await lab.up();
  for (const name of ['ada', 'bea']) await lab.phase(name, 'Running');
  show('note', 'three files in workspaces/, one with a mistake');
  await workdock('get');
  show('note', 'somebody removes a container: it is back, with its home');
  await docker('rm', '-f', `${lab.prefix}ada`);
  await until(async () => (await lab.inspect('ada')).State.Running, { deadlineMs: 20_000 });
  await lab.phase('ada', 'Running');
  await workdock('events', 'ada', '-n', '3');
  show('note', 'the mistake mended, and a limit raised while bea works');
  lab.write('carl.yaml', workspaceYaml('carl', ['resources: {memory: 8Gi}']));
  lab.write('bea.yaml', workspaceYaml('bea', ['resources: {memory: 256Mi}', 'env: {TZ: Europe/Zurich}']));
  await lab.phase('carl', 'Running');
  await until(() => lab.condition('bea', 'UpdatePending')?.status === 'True', { deadlineMs: 20_000 });
  await workdock('get');
  mkdirSync('docs', { recursive: true });
  writeFileSync('docs/picture.svg', draw());
} finally {
  await lab.dispose();
}
