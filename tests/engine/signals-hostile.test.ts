import { chmodSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEngine } from '../support/engine.ts';
import { type answers, openFakeJupyter } from '../support/fake-jupyter.ts';
import { until } from '../support/until.ts';

const processesOfHost = () =>
  globSync('/proc/[0-9]*/cmdline').map((file) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return ''; // it ended
    }
  });
const unknown = (why: RegExp) => ({ ok: false, message: expect.stringMatching(why) });

test('whatever a server answers ends in time, in numbers or in a message', async () => {
  const { serve, end, kernels } = await openFakeJupyter(await openEngine());
  const cases: [keyof typeof answers, unknown][] = [
    ['quiet', { ok: true, value: { servers: 1, kernels: 1, busy: 0 } }],
    ['busy', { ok: true, value: { servers: 1, kernels: 1, busy: 1 } }],
    ['hang', unknown(/^Jupyter \(pid \d+, port \d+\): it does not answer; end it if it hangs$/)],
    ['endless', unknown(/its answer does not end/)],
    ['garbage', unknown(/Jupyter .*JSON/)],
    ['otherJson', unknown(/no list of kernels/)],
    ['noState', unknown(/a kernel without a state/)],
    ['forbidden', unknown(/does not take the token of its runtime file; restart it/)],
    ['elsewhere', unknown(/status 302/)],
    ['noHttp', unknown(/Jupyter/)],
  ];
  for (const [answer, expected] of cases) {
    await serve(answer);
    const start = performance.now();
    expect(await kernels(), answer).toEqual(expected);
    expect(performance.now() - start, answer).toBeLessThan(4_500);
    await end();
  }
});

test('one that hangs on loopback leaves nothing running on the host', async () => {
  const { serve, kernels } = await openFakeJupyter(await openEngine());
  await serve('hang', '', 'localhost');
  const reading = await kernels();
  expect(reading).toEqual(unknown(/it does not answer/));
  const port = /port (\d+)/.exec(reading?.ok === false ? reading.message : '')?.[1];
  await until(() => !processesOfHost().some((line) => line.includes(['dial', '127.0.0.1', port].join('\0'))));
});

test('one that cannot be asked is unknown, also beside a quiet one, but not beside one that computes', async () => {
  const { serve, kernels } = await openFakeJupyter(await openEngine());
  await serve('forbidden');
  await serve('quiet');
  expect(await kernels()).toEqual(unknown(/token/));
  await serve('busy');
  expect(await kernels()).toEqual({ ok: true, value: { servers: 3, kernels: 2, busy: 1 } });
});

test('a runtime file that is no file of the container is not read', async () => {
  const engine = await openEngine();
  const { serve, end, kernels, inside } = await openFakeJupyter(engine);
  // A folder of the host with a perfect file in it: whoever follows a link finds a quiet server.
  const host = join(engine.data, 'host');
  mkdirSync(host);
  chmodSync(engine.data, 0o755);
  const copy = async (place: string) => {
    const { stdout } = await inside('cat ~/plain.json');
    writeFileSync(join(host, place.slice(place.lastIndexOf('/') + 1)), stdout);
    return join(host, place.slice(place.lastIndexOf('/') + 1));
  };
  const plots: [string, (place: string) => Promise<string>, RegExp][] = [
    [
      'file linked to the host',
      async (place) => `ln -sf ${await copy(place)} ${place}`,
      /jpserver-\d+\.json: not a regular/,
    ],
    [
      'folder linked to the host',
      async (place) => {
        await copy(place);
        return `rm -r ~/.local/share/jupyter/runtime; ln -s ${host} ~/.local/share/jupyter/runtime`;
      },
      /\/jupyter\/runtime: a link or no folder, and links are not followed/,
    ],
    [
      'pipe',
      async (place) => `rm -rf ~/.local/share/jupyter/runtime; mkdir -p $(dirname ${place}); mkfifo ${place}`,
      /not a regular file/,
    ],
    ['folder', async (place) => `rm ${place}; mkdir ${place}`, /not a regular file/],
    ['far too long', async (place) => `truncate -s 1T ${place}`, /larger than 65536 bytes/],
    ['empty', async (place) => `: > ${place}`, /JSON/],
    ['away', async (place) => `rm ${place}`, /jpserver-\d+\.json: it is not there/],
  ];
  for (const [what, plot, why] of plots) {
    const place = await serve('quiet');
    await inside(await plot(place));
    expect(await kernels(), what).toEqual(unknown(why));
    await end();
    await inside('rm -rf ~/.local/share/jupyter/runtime');
  }
});

test('what a runtime file says leads nowhere but to its own container', async () => {
  const engine = await openEngine();
  const { serve, end, kernels, inside } = await openFakeJupyter(engine);
  const file = (more: object) =>
    JSON.stringify({ hostname: '0.0.0.0', token: 't', port: 'PORT', ...more })
      .replace('{', '{"pid": PID, ')
      .replace('"PORT"', 'PORT');
  const plots: [string, object, RegExp][] = [
    ['the socket of the engine', { sock: '/var/run/docker.sock' }, /it is not there|links are not followed/],
    ['a link to it', { sock: '/home/user/s' }, /\/home\/user\/s: not a socket/],
    ['a way up', { sock: '/home/../home/user/s' }, /not a path from the root/],
    ['no port', { port: 'x' }, /it names no port/],
    ['a port of nobody', { port: 1 }, /Jupyter .*port 1\): nobody answers there/],
    ['a second request', { base_url: '/ HTTP/1.1\r\nHost: x\r\n\r\nDELETE /' }, /unescaped characters/],
    ['a second header', { token: 't\r\nX: y' }, /Invalid character in header/],
  ];
  for (const [what, more, why] of plots) {
    await inside('ln -sf /var/run/docker.sock ~/s');
    await serve('quiet', file(more));
    expect(await kernels(), what).toEqual(unknown(why));
    await end();
  }
  await serve('quiet', '', 'example.com');
  expect(await kernels(), 'a name of another machine means itself').toMatchObject({ ok: true });
});

test('a crowd of servers is not asked one by one', async () => {
  const { inside, kernels } = await openFakeJupyter(await openEngine());
  await inside(`for i in $(seq 9); do ~/bin/jupyter-lab hang '' x >/dev/null 2>&1 & done; sleep 1`);
  expect(await kernels()).toEqual(unknown(/9 Jupyter servers: end some/));
});
