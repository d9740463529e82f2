import { constants, open } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';

/** Why ssh could not use this private key, and what to do; undefined when it looks right. ssh says less. */
export async function keyProblem(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode } = await file.stat().then((found) => {
        if (!found.isFile()) throw new Error('is no file');
        return found;
      });
      if (mode & 0o077) return `the key ${path} can be read by others, so ssh refuses it: chmod 600 ${path}`;
      return undefined;
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = errnoOf(error);
    const what = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    return `the key ${path} ${what}: mend source.key, or give the controller's account access to it`;
  }
}
