import { expect, test } from 'vitest';
import { openEngine } from '../support/engine.ts';
import { openJupyter } from '../support/jupyter.ts';
import { until } from '../support/until.ts';

const SLOWLY = { deadlineMs: 30_000, everyMs: 1_000 };
const says = (kernels: number, busy: number, servers = 1) => ({ ok: true, value: { servers, kernels, busy } });

test('a kernel that computes is busy, with a client or without one; an open websocket alone is not', async () => {
  const { serve, kernels, untilServers, untilKernels, python, rates } = await openJupyter(await openEngine());
  expect(await kernels(), 'no server at all').toEqual(says(0, 0, 0));
  await serve();
  await untilServers(1);
  await python("api('POST', 'kernels')");
  await untilKernels({ kernels: 1, busy: 0 });

  const status = () => python("print(api('GET', 'status')['last_activity'])");
  // The kernel's first words come a moment later.
  const seen = [''];
  const settled = async () => {
    seen.push(await status());
    return seen.at(-1) === seen.at(-2);
  };
  await until(settled, SLOWLY);
  for (const _ of [1, 2, 3]) await kernels();
  expect(await status(), 'asking is no use of the server').toBe(seen.at(-1));

  const tab = python("asyncio.run(stay(api('GET', 'kernels')[0]['id'], 2))");
  expect(await kernels()).toEqual(says(1, 0));
  await tab;

  await python("asyncio.run(run('import time; time.sleep(8)'))");
  await untilKernels({ kernels: 1, busy: 1 });
  const { cores } = await rates(2_000);
  expect(await kernels(), 'its client is gone').toEqual(says(1, 1));
  expect(cores, 'no other signal tells of it').toBeLessThan(0.1);
  await untilKernels({ kernels: 1, busy: 0 });
});

test('a forgotten tab that polls is quiet in every respect', async () => {
  const { serve, python, untilServers, untilKernels, rates, poll } = await openJupyter(await openEngine());
  await serve('--ip 0.0.0.0');
  await untilServers(1);
  await python("api('POST', 'kernels')");
  await untilKernels({ kernels: 1, busy: 0 });
  const stop = await poll(['kernels', 'sessions', 'terminals', 'contents?content=1', 'me']);
  await rates(2_000); // the first of each costs more
  const { cores, bytesPerSecond } = await rates(5_000);
  expect(await stop(), 'it did poll').toBeGreaterThan(10);
  expect(bytesPerSecond, 'it went over the network').toBeGreaterThan(100);
  expect(bytesPerSecond).toBeLessThan(50_000);
  expect(cores).toBeLessThan(0.1);
  await untilKernels({ kernels: 1, busy: 0 });
});

test('a server is asked wherever it listens', async () => {
  const { serve, untilServers, inside } = await openJupyter(await openEngine());
  const subject = '-subj /CN=localhost -days 2 -keyout ~/key.pem -out ~/cert.pem';
  expect((await inside(`openssl req -x509 -newkey rsa:2048 -nodes ${subject}`)).code).toBe(0);
  const servers = [
    '--ip $(hostname -i) --port 8801', // its own address
    '--port 8802 --ServerApp.base_url=/user/ada/',
    "--port 8803 --IdentityProvider.token=''",
    '--port 8804 --certfile ~/cert.pem --keyfile ~/key.pem',
    '--sock ~/jupyter.sock',
  ];
  for (const args of servers) await serve(args);
  await serve('--port 8805', 'JUPYTER_RUNTIME_DIR=/tmp/jupyter-runtime');
  await serve('--port 8806', 'AS_MODULE=1');
  await untilServers(servers.length + 2);
});

test('a server is asked without a network', async () => {
  const { serve, untilServers } = await openJupyter(await openEngine(), { network: { mode: 'none', allow: [] } });
  await serve();
  await untilServers(1);
});

test('one that wants a password cannot be asked, and says what to do', async () => {
  const { serve, kernels, inside } = await openJupyter(await openEngine());
  const hash = await inside(`python3 -c "from jupyter_server.auth import passwd; print(passwd('secret', 'sha1'))"`);
  await serve(`--PasswordIdentityProvider.hashed_password='${hash.stdout}'`);
  const message = /^Jupyter \(pid \d+, port 8888\): it lets nobody in without a password; start it with a token .*$/;
  await until(async () => message.test(JSON.stringify(await kernels()).slice(23, -2)), SLOWLY);
});
