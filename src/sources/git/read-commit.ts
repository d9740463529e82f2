import { plain } from '../../lib/plain-text.ts';
import type { SpecFile } from '../../model/source.ts';
import { type Content, contentOf, tooLarge } from '../content.ts';
import { parseBlobs } from './blobs.ts';
import { type Chosen, choose, linkToFolder, otherLinks } from './choose.ts';
import { parseListing, type TreeEntry } from './listing.ts';
import type { GitResult } from './run-git.ts';

/** A git that has its repository, environment and deadline already. */
export type Git = (args: readonly string[], more?: { maxBytes?: number; input?: string }) => Promise<GitResult>;

/** `lacks`: folders that were asked for, and are not there. */
export type Commit = { id: string; author: string; files: SpecFile[]; lacks?: string[] };
export type CommitRead =
  | { kind: 'read'; commit: Commit }
  /** The repository is fine, what it has cannot be used. `message` says what to do. */
  | { kind: 'unusable'; message: string }
  /** An object is missing or damaged, or git failed. */
  | { kind: 'broken'; message: string };

/** About 300,000 paths: a listing is held in memory. */
const LISTING_BYTES = 32 * 1024 * 1024;
const MAX_FILES = 20_000;
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;
/** The line before each object in the output of `cat-file --batch`, and the newline after it. */
const FRAME_BYTES = 128;
const AUTHOR_LENGTH = 200;
/** Longest target of a link that is looked at. */
const LINK_BYTES = 4096;
/** Where specs lie when nobody says so, if the repository has it. */
const USUAL_FOLDER = 'workspaces';

const unusable = (message: string): CommitRead => ({ kind: 'unusable', message });
const broken = (what: string, result: GitResult): CommitRead => {
  const why = 'stderr' in result && result.stderr !== '' ? result.stderr : result.kind;
  return { kind: 'broken', message: `git cannot read ${what}: ${why}` };
};

/**
 * Reads the spec files of one commit out of the object store: whatever happens to the branch or a work tree meanwhile,
 * they belong together. `folders` are those of the tree, `''` its root; null: the usual one, or the root. Contents that
 * the last commit had too are not read again.
 * @param mayLack  a commit without some of the folders has no specs there; else it cannot be used.
 */
export function makeCommitReader(git: Git, folders: readonly string[] | null, mayLack = false) {
  let known = new Map<string, Content>();

  const listing = async (
    commit: string,
  ): Promise<CommitRead | { entries: TreeEntry[]; folders: readonly string[]; lacks: string[] }> => {
    const asked = folders ?? [USUAL_FOLDER];
    const named = asked.filter((folder) => folder !== '');
    const found = await git(['ls-tree', '-z', commit, '--', ...named]);
    if (found.kind !== 'done') return broken(`commit ${commit.slice(0, 12)}`, found);
    const trees = new Set(
      found.stdout
        .toString('utf8')
        .split('\0')
        .flatMap((line) => (line.startsWith('040000 ') ? [line.slice(line.indexOf('\t') + 1)] : [])),
    );
    const missing = named.filter((folder) => !trees.has(folder));
    const lacks = folders === null ? [] : missing;
    if (lacks[0] !== undefined && !mayLack)
      return unusable(`commit ${commit.slice(0, 12)} has no folder ${lacks[0]}: restore it, or change \`specs\``);
    const usual = missing.length === 0 ? asked : [''];
    const there = folders === null ? usual : asked.filter((folder) => !missing.includes(folder));
    if (there.length === 0) return { entries: [], folders: there, lacks };
    const paths = there.includes('') ? [] : ['--', ...there];
    const all = await git(['ls-tree', '-r', '-z', '-l', '--full-tree', commit, ...paths], { maxBytes: LISTING_BYTES });
    if (all.kind === 'tooLong')
      return unusable('the tree has too many files: keep specs in a folder, named in `specs`');
    if (all.kind !== 'done') return broken(`the tree of ${commit.slice(0, 12)}`, all);
    return { entries: parseListing(all.stdout), folders: there, lacks };
  };

  const blobs = async (ids: readonly string[], bytes: number): Promise<Map<string, Buffer> | GitResult> => {
    if (ids.length === 0) return new Map();
    const maxBytes = bytes + ids.length * FRAME_BYTES;
    const found = await git(['cat-file', '--batch'], { input: `${ids.join('\n')}\n`, maxBytes });
    if (found.kind !== 'done') return found;
    return parseBlobs(found.stdout) ?? { kind: 'failed', code: 0, stderr: 'an object is missing or damaged' };
  };

  return async (commit: string): Promise<CommitRead> => {
    const about = await git(['log', '-1', '--no-walk', '--format=%an <%ae>', commit, '--']);
    if (about.kind !== 'done') return broken(`commit ${commit.slice(0, 12)}`, about);
    const author = [...plain(about.stdout.toString('utf8'))].slice(0, AUTHOR_LENGTH).join('');
    const listed = await listing(commit);
    if ('kind' in listed) return listed;
    const chosen = choose(listed.entries, listed.folders);
    if (chosen.length > MAX_FILES)
      return unusable(`${chosen.length} spec files are more than ${MAX_FILES}: name fewer folders in \`specs\``);
    const links = otherLinks(listed.entries, listed.folders).filter(({ bytes }) => bytes <= LINK_BYTES);
    const sizes = new Map(listed.entries.map(({ id, bytes }) => [id, bytes]));
    const wanted = [...chosen.filter((each) => each.read), ...links].map(({ id }) => id);
    const unknown = [...new Set(wanted)].filter((id) => !known.has(id));
    const total = unknown.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
    if (total > MAX_TOTAL_BYTES) return unusable('the spec files are larger than 64 MiB together: remove some');
    const read = await blobs(unknown, total);
    if (!(read instanceof Map)) return broken(`the files of ${commit.slice(0, 12)}`, read);

    const next = new Map<string, Content>();
    for (const id of wanted) {
      const bytes = read.get(id);
      const content = known.get(id) ?? (bytes && contentOf(bytes));
      if (content === undefined) return broken(`object ${id}`, { kind: 'missing' });
      next.set(id, content);
    }
    known = next;
    const targets = links.flatMap((link) => {
      const content = known.get(link.id);
      return content && 'text' in content ? linkToFolder(link, content.text, listed.entries) : [];
    });
    const toFile = (each: Chosen): SpecFile => {
      const source = { path: each.path, commit, author };
      if (!each.read) return { ...source, sha256: '', error: each.error };
      const content = known.get(each.id) ?? { error: tooLarge };
      return 'error' in content ? { ...source, sha256: '', ...content } : { ...source, ...withoutLfs(content) };
    };
    const { lacks } = listed;
    const files = [...chosen, ...targets].map(toFile);
    return { kind: 'read', commit: { id: commit, author, files, ...(lacks.length > 0 && { lacks }) } };
  };
}

const LFS = 'version https://git-lfs.github.com/spec/';

/** A pointer is what git stores in the place of a file; reading it as YAML would blame the wrong thing. */
const withoutLfs = ({ text, sha256 }: { text: string; sha256: string }) =>
  text.startsWith(LFS)
    ? { sha256, error: 'is kept in Git LFS: specs must be in the repository itself' }
    : { sha256, text };
