import { mkdir } from 'node:fs/promises';
import { WorkdockError } from './lib/errors.ts';
import { type LogLevel, makeLog } from './lib/log.ts';
import type { Config } from './model/config.ts';
import { openData, runOver } from './run-over.ts';

/**
 * A controller in this process. It takes no signals and says nothing on its own but log lines on stderr.
 * What it returns ends it, once however often it is called.
 * @throws DATA_FOLDER_MISSING at once: unlike `workdock up` it does not wait for a disk.
 */
export async function embed(config: Config, level: LogLevel): Promise<() => Promise<void>> {
  await mkdir(config.state, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    const hint = 'make it writable, or choose another with `state`';
    throw new WorkdockError('NOT_PERSISTED', `cannot make the state folder ${config.state}: ${cause.code}`, {
      ...{ hint, cause },
    });
  });
  const stop = await runOver(await openData(config), config, makeLog(level));
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}
