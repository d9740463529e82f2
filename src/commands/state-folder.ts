import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../model/config.ts';
import { varFolder } from '../model/places.ts';
import { findConfig } from '../spec/find-config.ts';

type Asked = {
  /** The global flags. */
  flags: { state?: string; config?: string };
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Reads a whole config; it costs more than the rest of a verb and is called only when the file speaks of state. */
  loadConfig: (file: string) => Promise<Pick<Config, 'state'>>;
  /** The config of the service on this machine. */
  installed: () => string | null;
};

/**
 * The state folder in force (design 6): flag, then WORKDOCK_STATE, then the config, then `./state` beside the config
 * or, for that of a service, below /var/lib, or here when there is no config.
 */
export async function stateFolder({ flags, env, cwd, loadConfig, installed }: Asked): Promise<string> {
  const given = flags.state ?? (env['WORKDOCK_STATE'] || undefined);
  if (given !== undefined) return resolve(cwd, given);
  const asked = { ...(flags.config !== undefined && { flagFile: flags.config }), env, cwd };
  const { file, mustExist } = findConfig(asked, installed);
  const text = read(file);
  // A named config that is not there is the loader's error to report.
  if (text === null ? mustExist : maySetState(text)) return (await loadConfig(file)).state;
  return join(varFolder(dirname(file)), 'state');
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** False only when no way to write YAML makes this text set `state`: outside comments the word must appear. */
const maySetState = (text: string) => /^(?!\s*#).*(?:state|\\)/m.test(text);
