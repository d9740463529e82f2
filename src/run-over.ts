import { systemClock as clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Config } from './model/config.ts';
import { instanceSeen } from './runtime/docker/evidence.ts';
import { start } from './start.ts';
import { rememberedData } from './store/instance.ts';
import { openDataFolder } from './store/open-data.ts';

/**
 * The data folder, ours alone.
 * @throws DATA_FOLDER_MISSING, CONTROLLER_LOCKED, STATE_NEWER, NOT_PERSISTED
 */
export async function openData(config: Config) {
  const expectExisting = (await rememberedData(config.state)) ?? (await instanceSeen(config.prefix, config.data));
  return openDataFolder(config.data, { clock, expectExisting });
}

type OpenData = Awaited<ReturnType<typeof openData>>;

/** A controller over an opened data folder. The returned function ends it, and gives the folder back. */
export async function runOver({ lock, instance }: OpenData, config: Config, log: Log): Promise<() => Promise<void>> {
  try {
    const stop = await start(config, instance, log);
    return async () => {
      await stop();
      await lock.release();
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
