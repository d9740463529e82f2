const NEWLINE = 10;

/**
 * Output of `git cat-file --batch` to contents by object id.
 * @returns null when an object is missing or the output is cut: the repository is damaged.
 */
export function parseBlobs(output: Buffer): Map<string, Buffer> | null {
  const blobs = new Map<string, Buffer>();
  for (let from = 0; from < output.length; ) {
    const end = output.indexOf(NEWLINE, from);
    if (end === -1) return null;
    const [id = '', kind, size = ''] = output.toString('latin1', from, end).split(' ');
    const bytes = Number(size);
    const to = end + 1 + bytes;
    if (kind !== 'blob' || !Number.isSafeInteger(bytes) || to >= output.length) return null;
    blobs.set(id, output.subarray(end + 1, to));
    from = to + 1;
  }
  return blobs;
}
