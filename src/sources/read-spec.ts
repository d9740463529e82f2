import { constants, type FileHandle, open } from 'node:fs/promises';
import { type Content, contentOf, MAX_SPEC_BYTES } from './content.ts';
import { errnoOf } from './errno.ts';

/** Up to one byte more than allowed, whatever size the file claims to have. */
async function bytesOf(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(MAX_SPEC_BYTES + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
  }
}

const machineTroubles = ['EMFILE', 'ENFILE', 'ENOMEM'];

/**
 * One file's text. Never waits for a pipe or a device and follows no link: what was listed as a regular file may be
 * another thing by now.
 * @returns null when it is gone.
 * @throws  what is no fault of the file: there are no more handles, or no memory.
 */
export async function readSpec(real: string): Promise<Content | null> {
  let file: FileHandle;
  try {
    file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return null;
    if (machineTroubles.includes(code)) throw Object.assign(error as Error, { place: real });
    return { error: `cannot be read (${code})` };
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) return { error: 'is not a regular file' };
    return contentOf(await bytesOf(file));
  } catch (error) {
    return { error: `cannot be read (${errnoOf(error)})` };
  } finally {
    await file.close().catch(() => {});
  }
}
