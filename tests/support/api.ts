import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { makeActivity } from '../../src/activity.ts';
import { type ApiLog, makeApi } from '../../src/api/server.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { socketPath } from '../../src/lib/socket-path.ts';
import type { Service } from '../../src/model/service.ts';
import type { Activity } from '../../src/model/stream.ts';

/** A folder of this test's own, gone after it. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wd-api-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What the API logged, to look at. */
export function makeLogBook(): { log: ApiLog; lines: { facts: object; message: string }[] } {
  const lines: { facts: object; message: string }[] = [];
  return { log: { error: (facts, message) => void lines.push({ facts, message }) }, lines };
}

type Options = { state?: string; heartbeatMs?: number; log?: ApiLog; activity?: Activity; checkMs?: number };

/** The real server over `service` in a state folder of its own, closed after the test. */
export async function serveApi(service: Service, options: Options = {}) {
  const state = options.state ?? (await scratchFolder());
  const { log = makeLogBook().log, activity = makeActivity(systemClock), ...times } = options;
  const api = makeApi({ service, activity, log, ...times });
  onTestFinished(() => api.close());
  const { path, note } = socketPath(state);
  await api.listen(path, note);
  return { state, socket: path, close: api.close };
}
