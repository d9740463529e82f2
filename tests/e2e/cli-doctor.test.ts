import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Check } from '../../src/commands/doctor-checks.ts';
import { scratchFolder, serveApi } from '../support/api.ts';
import { run } from '../support/cli.ts';
import { memoryService } from '../support/service.ts';

const AT = '2026-01-02T03:04:05.000Z';
const hostCondition = (type: 'NetworkGuarded' | 'DiskPressure', status: 'True' | 'False', message: string) => ({
  type,
  status,
  reason: `${type}Is`,
  message,
  lastTransitionTime: AT,
});

async function doctor(options: { state?: string; cwd?: string; env?: Record<string, string> }) {
  const { code, stdout, stderr } = await run(['doctor', '-o', 'json'], options);
  expect(stderr).toBe('');
  const checks = JSON.parse(stdout) as Check[];
  return { code, of: (name: string) => checks.find((check) => check.name === name) };
}

test('doctor tells the engine, its API and cgroup version, guard, subnet and disk of a sound host', async () => {
  const service = memoryService([]);
  service.setHost({
    conditions: [
      hostCondition('NetworkGuarded', 'True', 'rules are there'),
      hostCondition('DiskPressure', 'False', ''),
    ],
    engine: { subnet: '10.88.0.0/20' },
  });
  const { state } = await serveApi(service);
  const { code, of } = await doctor({ state });
  expect(code).toBe(0);
  expect(of('engine')).toMatchObject({ result: 'ok', message: expect.stringMatching(/^\d+\.\d+/) });
  expect(of('api version')?.message).toMatch(/^1\.\d+/);
  expect(of('cgroup version')?.message).toMatch(/^[12]$/);
  expect(of('live-restore')?.message).toMatch(/^o(?:n|ff):/);
  expect(of('subnet')).toMatchObject({ result: 'ok', message: '10.88.0.0/20' });
  expect(of('NetworkGuarded')).toMatchObject({ result: 'ok', message: 'rules are there' });
  expect(of('jupyter')?.result).toBe('ok');
  expect(of('state disk')).toMatchObject({ result: 'ok', message: expect.stringContaining(state) });
});

test('what needs mending makes 8, with how to mend it', async () => {
  const service = memoryService([]);
  service.setHost({ conditions: [hostCondition('NetworkGuarded', 'False', 'rules are gone')] });
  const { state } = await serveApi(service);
  const { code, of } = await doctor({ state });
  expect([code, of('NetworkGuarded')?.result]).toEqual([8, 'bad']);
});

test('without a controller doctor still asks the engine; without both it names each', async () => {
  const state = await scratchFolder();
  const alone = await doctor({ state });
  expect([alone.code, alone.of('controller')?.mend]).toEqual([8, expect.stringContaining('workdock up')]);
  expect(alone.of('engine')?.result).toBe('ok');
  const nothing = await doctor({ state, env: { DOCKER_HOST: `unix://${join(state, 'no-engine.sock')}` } });
  expect([nothing.code, nothing.of('engine')?.result]).toEqual([8, 'bad']);
});

test('a folder of specs that others can write to is named', async () => {
  const service = memoryService([]);
  const specs = join(await scratchFolder(), 'specs');
  await mkdir(specs);
  const summary = () => ({ ...service.summary(), controller: { ...service.summary().controller, specs: [specs] } });
  const { state } = await serveApi({ ...service, summary });
  const result = async (mode: number) => {
    await chmod(specs, mode);
    const { code, of } = await doctor({ state });
    return [code, of('specs')?.result];
  };
  expect(await result(0o755)).toEqual([0, 'ok']);
  expect(await result(0o775)).toEqual([0, 'warn']);
  expect(await result(0o777)).toEqual([8, 'bad']);
});
