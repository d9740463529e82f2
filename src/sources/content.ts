import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

/** A spec file's text, or why it has none. */
export type Content = { text: string; sha256: string } | { error: string };

/** Design 6. */
export const MAX_SPEC_BYTES = 64 * 1024;
export const tooLarge = 'is larger than 64 KiB: split it into several files';

function notUtf8(bytes: Buffer): string {
  const wide = ['fffe', 'feff'].includes(bytes.toString('hex', 0, 2));
  if (wide) return 'is UTF-16: save it as UTF-8';
  const good = bytes.toString('utf8').split('\ufffd', 1)[0]!;
  return `is not UTF-8 in line ${good.split('\n').length}: save it as UTF-8`;
}

/** Bytes of a file, wherever it lies, to its text. More than `MAX_SPEC_BYTES` need not be read to be refused. */
export function contentOf(bytes: Buffer): Content {
  if (bytes.length > MAX_SPEC_BYTES) return { error: tooLarge };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return isUtf8(bytes) ? { text: new TextDecoder().decode(bytes), sha256 } : { error: notUtf8(bytes) };
}
