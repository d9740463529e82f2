import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { errnoOf } from './errno.ts';

/** Design 6. */
const MAX_BYTES = 64 * 1024;

export type Content = { text: string; sha256: string } | { error: string };

/** Up to one byte more than allowed, whatever size the file claims to have. */
async function bytesOf(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
  }
}

function notUtf8(bytes: Buffer): string {
  const wide = ['fffe', 'feff'].includes(bytes.toString('hex', 0, 2));
  if (wide) return 'is UTF-16: save it as UTF-8';
  const good = bytes.toString('utf8').split('\ufffd', 1)[0]!;
  return `is not UTF-8 in line ${good.split('\n').length}: save it as UTF-8`;
}

/**
 * One file's text. Never waits for a pipe or a device and follows no link: what was listed as a regular file may be
 * another thing by now.
 * @returns null when it is gone.
 */
export async function readSpec(real: string): Promise<Content | null> {
  let file: FileHandle;
  try {
    file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return null;
    return { error: `cannot be read (${code})` };
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) return { error: 'is not a regular file' };
    const bytes = await bytesOf(file);
    if (bytes.length > MAX_BYTES) return { error: 'is larger than 64 KiB: split it into several files' };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return isUtf8(bytes) ? { text: new TextDecoder().decode(bytes), sha256 } : { error: notUtf8(bytes) };
  } catch (error) {
    return { error: `cannot be read (${errnoOf(error)})` };
  } finally {
    await file.close().catch(() => {});
  }
}
