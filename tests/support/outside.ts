import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);

const LISTENER = `
  const answer = (socket) => socket.on('error', () => {}).end('hello');
  require('net').createServer(answer).listen(7777, '0.0.0.0', () => console.log('ready'));
`;

/**
 * Another machine, as far as the host can tell: a network namespace behind a link of its own, with an ordinary address
 * and a link-local one. TCP port 7777 answers on both.
 */
export async function openOutside(): Promise<{ address: string; linkLocal: string; port: number }> {
  const [a = 0, b = 0] = randomBytes(2);
  const name = `wc${randomBytes(3).toString('hex')}`;
  const [near, address] = [`10.${200 + (a % 8)}.${b}.1`, `10.${200 + (a % 8)}.${b}.2`];
  const linkLocal = `169.254.${1 + (a % 200)}.${1 + (b % 250)}`;
  onTestFinished(async () => {
    await ip('link', 'del', name).catch(() => undefined);
    await ip('netns', 'del', name).catch(() => undefined);
  }, 30_000);
  await ip('netns', 'add', name);
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await ip('addr', 'add', `${near}/30`, 'dev', name);
  await ip('link', 'set', name, 'up');
  await ip('route', 'add', `${linkLocal}/32`, 'via', address);
  const there = (...args: string[]) => ip('-n', name, ...args);
  await there('addr', 'add', `${address}/30`, 'dev', 'eth0');
  await there('addr', 'add', `${linkLocal}/32`, 'dev', 'eth0');
  await there('link', 'set', 'eth0', 'up');
  await there('route', 'add', 'default', 'via', near);
  const server = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', LISTENER]);
  onTestFinished(() => void server.kill('SIGKILL'));
  let said = '';
  server.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(() => said.includes('ready'), { deadlineMs: 20_000 });
  return { address, linkLocal, port: 7777 };
}

/** A service of this host on every address it has; ends with the test. */
export async function openHostService(): Promise<number> {
  const server = createServer((socket) => void socket.on('error', () => undefined).end('hello'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return (server.address() as { port: number }).port;
}

/** Every IPv4 address of this host but loopback. */
export const hostAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
