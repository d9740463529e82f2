import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import type { Evidence } from '../../src/model/idle.ts';
import { openEvents } from '../../src/store/events.ts';
import { openStatus } from '../../src/store/status.ts';
import { scratchFolder, serveApi } from '../support/api.ts';
import { condition, memoryService, workspace } from '../support/service.ts';

/** Lines for a shell in the documents and in the help that read what we write with jq or curl. */
const documented = globSync(['README.md', 'docs/**/*.md'])
  .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  .map((line) => line.trim())
  .filter((line) => /^(?:jq|curl|workdock [^|]*\| *(?:jq|xargs)) /.test(line) && !line.includes(' -N '));
const lines = [...new Set(documented)].map((line) => line.replace(/ {2,}[a-zA-Z].*$/, ''));

/** A folder as a user has it: state files by the real store, the API on its socket, `workdock` on the path. */
async function place() {
  const folder = await scratchFolder();
  const state = join(folder, 'state');
  await mkdir(state);
  const ill = workspace('eve', { phase: 'Failed', message: 'no image', conditions: [condition('Ready', 'False')] });
  const statuses = [workspace('ada', { labels: { lab: 'neuro' } }), ill];
  const service = memoryService(statuses);
  service.happen('ada', 'Started');
  const [timeoutMs, quietMs] = [1_800_000, 7_200_000];
  const policy = { enabled: true, mode: 'Enforce' as const, timeoutMs, cpuBelow: 0.1, warnBeforeMs: 0 };
  const evidence: Evidence[] = [{ signal: 'cpu', value: '0 %', threshold: '', ageMs: null, keepsAwake: 'no' }];
  const verdict = { at: '2026-01-01T00:00:00Z', idle: true, because: 'quiet', quietMs, timeoutMs, evidence };
  const row = { name: 'ada', owner: 'ada', labels: {}, phase: 'Running' as const, policy };
  service.setIdle([{ ...row, verdict: { ...verdict, mode: 'Enforce' }, idleSince: '2026-01-01T00:00:00Z' }]);
  service.cleanups.rows.push({ name: 'ada', decision: 'stopped', reason: 'quiet', quietMs });
  const item = { name: 'eve', what: 'remove' as const, detail: 'no file declares it' };
  service.setHeld([
    { kind: 'removals', hash: '0123456789ab', since: '2026-01-01T00:00:00Z', reason: '', items: [item] },
  ]);
  const home = { home: 'bob', uid: 20_001, workspaces: [], labels: {}, state: 'Nobodys' as const, containers: [] };
  service.homes.list = async () => [home];
  await serveApi(service, { state });
  const { controller } = service.summary();
  const store = await openStatus(state, { controller, clock: systemClock, onCorrupt: () => {} });
  for (const status of statuses) store.publish(status);
  const at = '2026-01-01T00:00:00Z';
  store.setHost({
    conditions: [{ type: 'SourceReady', status: 'True', reason: 'Settled', message: '', lastTransitionTime: at }],
  });
  await store.close();
  const events = await openEvents(state, { clock: systemClock });
  events.emit({ name: 'ada', type: 'Warning', reason: 'OOMKilled', message: 'python was killed' });
  events.emit({ name: 'ada', type: 'Normal', reason: 'WouldStop', message: 'quiet for 30m' });
  await events.close();
  const spec = 'apiVersion: workdock.dev/v1\nkind: Workspace\nmetadata: {name: ada}\nspec:\n  owner: ada\n';
  await mkdir(join(folder, 'workspaces'));
  await writeFile(join(folder, 'workspaces', 'ada.yaml'), spec);
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'workdock'), `#!/bin/sh\nexec "${process.execPath}" "${resolve('src/cli.ts')}" "$@"\n`);
  await chmod(join(bin, 'workdock'), 0o755);
  await symlink(process.execPath, join(bin, 'node'));
  const env = { PATH: `${bin}:${dirname('/usr/bin/jq')}:/bin` };
  return async (line: string) =>
    promisify(execFile)('bash', ['--norc', '-c', `set -o pipefail\n${line}`], { cwd: folder, env });
}

test('there are such lines', () => {
  expect(lines.length).toBeGreaterThan(4);
});

test.each(lines)('a documented line works: %s', async (line) => {
  const shell = await place();
  const { stdout, stderr } = await shell(line);
  expect(stderr).not.toMatch(/jq:|error/i);
  if (!line.includes('"bad"')) expect(stdout.trim()).not.toBe('');
});

test('the lines for what is ill find what is ill, and only that', async () => {
  const shell = await place();
  const ill = lines.find((line) => line.includes('.value.ready | not'));
  expect((await shell(ill ?? 'false')).stdout).toBe('eve: no image\n');
  const failed = lines.find((line) => line.includes('.phase == "Failed"'));
  expect((await shell(failed ?? 'false')).stdout).toBe('eve\n');
});
