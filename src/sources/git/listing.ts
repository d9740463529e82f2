import { isUtf8 } from 'node:buffer';

/** One line of `git ls-tree -r -z -l`: a path of a tree, from the root of the repository. */
export type TreeEntry = {
  path: string;
  /** False when the path's bytes are no UTF-8; `path` has `\ufffd` in their place. */
  readable: boolean;
  kind: 'file' | 'symlink' | 'submodule';
  id: string;
  /** Of a file; 0 of a submodule. */
  bytes: number;
};

const TAB = 9;
const kinds: Record<string, TreeEntry['kind']> = { '120000': 'symlink', '160000': 'submodule' };

/** Output of `git ls-tree -r -z -l` to its entries. Paths are bytes in git: they are split before they become text. */
export function parseListing(output: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let from = 0; from < output.length; ) {
    const to = output.indexOf(0, from);
    const line = output.subarray(from, to === -1 ? output.length : to);
    const tab = line.indexOf(TAB);
    const [mode = '', , id = '', size = ''] = line.toString('latin1', 0, tab).split(/ +/);
    const path = line.subarray(tab + 1);
    entries.push({
      path: path.toString('utf8'),
      readable: isUtf8(path),
      kind: kinds[mode] ?? 'file',
      id,
      bytes: Number(size) || 0,
    });
    from = to === -1 ? output.length : to + 1;
  }
  return entries;
}
