import { createHmac } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnvFile } from './lib/env-file.ts';
import { WorkdockError } from './lib/errors.ts';

const MAX_BYTES = 64 * 1024;

const refuse = (path: string, why: string, hint: string): never => {
  throw new WorkdockError('SECRET_UNUSABLE', `secret file ${path} ${why}`, { hint });
};

async function read(root: string, name: string): Promise<Record<string, string>> {
  const path = join(root, name);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => refuse(path, `cannot be read (${error.code})`, 'create it as a regular file'),
  );
  try {
    const facts = await handle.stat();
    if (!facts.isFile() || facts.size > MAX_BYTES) refuse(path, 'is no file of at most 64 KiB', 'replace it');
    if ((facts.mode & 0o077) !== 0) refuse(path, 'can be read by others', `chmod 600 ${path}`);
    const parsed = parseEnvFile(await handle.readFile('utf8'));
    return parsed.ok ? parsed.values : refuse(path, `has no KEY=VALUE in line ${parsed.line}`, 'write KEY=VALUE lines');
  } finally {
    await handle.close();
  }
}

/** Files under the secrets root, read at the moment of use; values leave this module only towards the engine. */
export function makeSecrets(root: string | null, key: string) {
  const values = async (names: readonly string[]): Promise<Record<string, string>> => {
    if (names.length === 0) return {};
    if (root === null) {
      const hint = 'set secretsRoot in the config, or take envFrom out of the spec';
      throw new WorkdockError('SECRET_UNUSABLE', 'envFrom is used and no secretsRoot is configured', { hint });
    }
    const files = await Promise.all(names.map((name) => read(root, name)));
    return Object.assign({}, ...files) as Record<string, string>;
  };
  return {
    values,
    /** Changes with the values, and tells nothing about them without the data folder's key. */
    digest: async (names: readonly string[]): Promise<string> =>
      names.length === 0
        ? ''
        : createHmac('sha256', key)
            .update(JSON.stringify(await values(names)))
            .digest('hex'),
  };
}
