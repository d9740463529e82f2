import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import tar from 'tar-fs';
import type { Certificate } from './certificates.ts';

/** The folder with a Dockerfile per image: beside src/ in a checkout, beside dist/ in the npm package. */
export const dockerFolder = fileURLToPath(new URL('../../../docker/', import.meta.url));

const NOTES = 'README.md'; // notes for people, no part of an image

/** A hash of all that decides what is in the image: files, base, certificates. Equal hash, equal image. */
export function contextHash(folder: string, baseId: string, certificates: readonly Certificate[]): string {
  const hash = createHash('sha256').update(`${baseId}\n`);
  for (const file of contextFiles(folder)) hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  for (const { file } of certificates) hash.update(`ca ${file}\n`);
  return hash.digest('hex').slice(0, 16);
}

const contextFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.endsWith(NOTES) && statSync(join(folder, file)).isFile())
    .sort();

/** The build context as a tar stream, without owners, times and odd modes: they would only spoil the build cache. */
export function packContext(folder: string, certificates: readonly Certificate[]): NodeJS.ReadableStream {
  const wanted = existsSync(join(folder, 'ca')) ? certificates : [];
  const packed = tar.pack(folder, {
    ignore: (path) => relative(folder, path).endsWith(NOTES),
    map: (header) => ({
      ...header,
      uid: 0,
      gid: 0,
      mtime: new Date(0),
      mode: header.type === 'directory' ? 0o755 : 0o644,
    }),
    finalize: false,
    finish: (pack) => {
      for (const { file, pem } of wanted) pack.entry({ name: `ca/${file}`, mode: 0o644, mtime: new Date(0) }, pem);
      pack.finalize();
    },
  });
  return packed as unknown as NodeJS.ReadableStream; // a readable of another library, with the same protocol
}
