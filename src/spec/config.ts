import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';
import { yamlText } from '../lib/yaml-text.ts';
import type { Config } from '../model/config.ts';
import type { Problem } from '../model/problem.ts';
import { makeChecker } from './check.ts';
import { MAX_FILE_BYTES } from './chunks.ts';
import { configComplaints } from './config-rules.ts';
import { ConfigV1 } from './config-schema.ts';
import { type ConfigOverrides, configValues } from './config-values.ts';
import { type Located, problemAt, whole } from './document.ts';
import { type ConfigPlace, type ConfigWanted, findConfig } from './find-config.ts';
import { problemsText } from './problem-text.ts';

type Given = {
  cwd: string;
  overrides?: ConfigOverrides;
  /** In the place of what is built in. */
  builtIn?: { specs: string[] };
};

export type ConfigAsked = ConfigWanted &
  Given & {
    /** The config of the service on this machine; a controller started by hand does not take it for its own. */
    installed?: () => string | null;
  };

/**
 * The config in force: `--config`, then WORKDOCK_CONFIG, then `./workdock.yaml` when there is one, then that of the
 * installed service, then what is built in. As strict as specs.
 * @throws WorkdockError CONFIG_INVALID with every problem in its message; USAGE when a named file is not there.
 */
export async function loadConfig(asked: ConfigAsked): Promise<Config> {
  return readConfig(findConfig(asked, asked.installed ?? (() => null)), { ...asked, overrides: overridesOf(asked) });
}

/** The config of one place, at which its relative paths start. `at`: where the file is while it is being prepared. */
export async function readConfig(place: ConfigPlace, asked: Given & { at?: string }): Promise<Config> {
  const { file, shown, mustExist } = place;
  const text = await read(asked.at ?? file, mustExist);
  return text === undefined
    ? configOf({ shown, file: null, folder: asked.cwd }, asked)
    : configOf({ shown, text, file, folder: dirname(file) }, asked);
}

/** The same from values in the place of a file; their paths are relative to `cwd`. */
export const configFromValues = async (values: ConfigV1, asked: ConfigAsked): Promise<Config> =>
  configOf(
    { shown: 'the given config', text: yamlText(values), file: null, folder: asked.cwd },
    { ...asked, overrides: overridesOf(asked) },
  );

/** Flags, and below them the environment: a controller and its verbs find the same state folder by it. */
const overridesOf = ({ env, overrides = {} }: ConfigAsked): ConfigOverrides => {
  const state = overrides.state ?? (env['WORKDOCK_STATE'] || undefined);
  return { ...overrides, ...(state !== undefined && { state }) };
};

type Written = { shown: string; text?: string; file: string | null; folder: string };

/** Checks the text, if any, and everything that follows from it. */
function configOf({ shown, text, file, folder }: Written, { cwd, overrides = {}, builtIn }: Given): Config {
  const document = text === undefined ? undefined : checked(shown, text);
  const from = { file, folder, cwd, overrides, ...(builtIn && { builtIn }) };
  const config = configValues((document?.value ?? {}) as ConfigV1, from);
  const complaints = configComplaints(config, realFolder);
  // What a flag or the environment says wrongly is no fault of the file.
  const said = complaints.find(({ path }) => overrides[path as keyof ConfigOverrides] !== undefined);
  if (said) {
    const hint = said.suggestion ?? `choose another --${said.path}`;
    throw new WorkdockError('USAGE', said.message, { hint });
  }
  const problems = complaints.map(({ path, ...what }) =>
    document ? problemAt(document.located, path, what) : { ...whole(shown, what.message, what.suggestion), path },
  );
  if (problems.length > 0) throw invalid(shown, problems);
  return config;
}

async function read(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !mustExist) return undefined;
    const hint = 'name a file that can be read, or none for the built-in settings';
    throw new WorkdockError(code === 'ENOENT' ? 'USAGE' : 'CONFIG_INVALID', `cannot read the config ${file}`, {
      hint,
      cause: error,
    });
  }
}

let check: ReturnType<typeof makeChecker> | undefined;

function checked(file: string, text: string): { value: unknown; located: Located } | undefined {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) throw invalid(file, [whole(file, 'the file is larger than 64 KiB')]);
  check ??= makeChecker(ConfigV1);
  const [document, second] = check(file, text);
  const problems = [...(document?.problems ?? [])];
  if (second) problems.push({ ...whole(file, 'a config is one document'), line: second.line });
  if (problems.length > 0) throw invalid(file, problems);
  return document;
}

const invalid = (file: string, problems: Problem[]) =>
  new WorkdockError('CONFIG_INVALID', `${file} is not a valid config\n${problemsText(problems)}`, {
    hint: 'nothing was changed; mend the file and try again',
  });

/** Symlinks resolved as far as the path exists. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realFolder(parent), basename(path));
  }
}
