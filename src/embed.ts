import { mkdir } from 'node:fs/promises';
import { type LogLevel, makeLog } from './lib/log.ts';
import type { Config } from './model/config.ts';
import { openData, runOver } from './run-over.ts';

/**
 * A controller in this process. It takes no signals and says nothing on its own but log lines on stderr.
 * @throws DATA_FOLDER_MISSING at once: unlike `workdock up` it does not wait for a disk.
 */
export async function embed(config: Config, level: LogLevel): Promise<() => Promise<void>> {
  await mkdir(config.state, { recursive: true });
  return runOver(await openData(config), config, makeLog(level));
}
