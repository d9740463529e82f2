/** One regular file of an archive. */
export type TarFile = { name: string; content: Buffer };

const BLOCK = 512;
const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;

function header({ name, content }: TarFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  block.write(octal(0o644, 8), 100);
  block.write(octal(0, 8), 108); // uid and gid: root
  block.write(octal(0, 8), 116);
  block.write(octal(content.length, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const padded = (content: Buffer) => Buffer.concat([content, Buffer.alloc(-content.length & (BLOCK - 1))]);

/** A ustar archive of small files of root with mode 0644, as the engine's archive upload wants it. */
export const packFiles = (files: TarFile[]): Buffer =>
  Buffer.concat([...files.flatMap((file) => [header(file), padded(file.content)]), Buffer.alloc(2 * BLOCK)]);

/** The first regular file of an archive; null when it starts with something else (a symlink, a folder). */
export function firstFile(archive: Buffer): Buffer | null {
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0;
    const type = String.fromCharCode(archive[at + 156] ?? 0);
    if (type === '0' || type === '\0') return archive.subarray(at + BLOCK, at + BLOCK + size);
    if (type !== 'x' && type !== 'g') return null; // extended headers precede the file they describe
    at += BLOCK + size + (-size & (BLOCK - 1));
  }
  return null;
}
