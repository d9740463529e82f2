import { expect, onTestFinished, test } from 'vitest';
import { start } from '../support/enter.ts';
import { holdsFor } from '../support/holds-for.ts';
import { openLab, workspaceYaml } from '../support/lab.ts';

test('a reader that stops for long, as `less` does, still gets all that the command wrote, and its code', async () => {
  const lab = openLab();
  onTestFinished(lab.dispose, 60_000);
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  // Some of them fit into what is between the command and its reader: those have ended long before they are read.
  const sizes = Array.from({ length: 8 }, (_, i) => 400_000 + 400_000 * i);
  const clients = sizes.map((size) => {
    const client = start(lab, 'exec', 'ada', '--', 'sh', '-c', `head -c ${size} /dev/zero; exit 5`);
    client.child.stdout?.pause();
    return client;
  });
  // Longer than the engine keeps what is not read (2 s), and than a client has to answer the end (5 s).
  await holdsFor(() => clients.every(({ child }) => child.exitCode === null), 10_000);
  for (const { child } of clients) child.stdout?.resume();
  const ended = await Promise.all(clients.map((client) => client.ended));
  expect(ended.map(({ stdout, code }) => [stdout.length, code])).toEqual(sizes.map((size) => [size, 5]));
}, 90_000);
