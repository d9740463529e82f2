import { constants, type FileHandle, open } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';

/** More than the head of any key; an RSA key of 16384 bits takes 13 KiB. */
const HEAD_BYTES = 1_024;
const OPENSSH = /^-----BEGIN OPENSSH PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)/m;
/** "openssh-key-v1", a zero, and the length of the name of the cipher. @see openssh PROTOCOL.key */
const MAGIC = Buffer.from('openssh-key-v1\0');

/** What is wrong with the text of a private key: openssh's own form, PEM or PKCS#8. */
function wrongIn(head: string, path: string): string | undefined {
  const locked = `has a passphrase, and there is nobody to ask: make one without (ssh-keygen -p -f ${path})`;
  const body = OPENSSH.exec(head)?.[1];
  if (body !== undefined) {
    const bytes = Buffer.from(body.replace(/\s/g, ''), 'base64');
    if (bytes.length < MAGIC.length + 4 || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    const from = MAGIC.length + 4;
    const cipher = bytes.toString('latin1', from, from + bytes.readUInt32BE(MAGIC.length));
    return cipher === 'none' ? undefined : locked;
  }
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(head)) return /ENCRYPTED/.test(head) ? locked : undefined;
  if (/^(?:ssh|ecdsa|sk)-\S+ \S/.test(head)) return 'is the public half: name the private one in source.key';
  return 'is no private key of ssh: name another one in source.key';
}

async function headOf(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

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
      const wrong = wrongIn(await headOf(file), path);
      return wrong && `the key ${path} ${wrong}`;
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = errnoOf(error);
    const what = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    return `the key ${path} ${what}: mend source.key, or give the controller's account access to it`;
  }
}
