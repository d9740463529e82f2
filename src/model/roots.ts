/** A link on the way to a folder: the folder it lies in (device and inode) with its name, and what it leads to. */
export type RootLink = { place: string; parent: string; name: string };

/** `id`: device, inode and birth; `real`: where it lies when every link is followed. */
export type Root = { device: string; id: string; real: string; links: RootLink[] };

/** As it stands in `Scan.roots` and is kept over restarts: equal for the same folder. */
export const rootText = (root: Root): string => JSON.stringify(root);

function parse(text: string): Root | undefined {
  try {
    const value = JSON.parse(text) as Partial<Root>;
    return Array.isArray(value.links) ? (value as Root) : undefined;
  } catch {
    return undefined; // a repository
  }
}

export const isFolderRoot = (text: string): boolean => parse(text) !== undefined;

/**
 * Whether a source is still the one it was. Another folder in its place is another one, but not where a link on the way
 * to it was pointed at a sibling on the same disk: so git-sync and releases in folders publish, each time.
 */
export function sameRoot(before: string, now: string): boolean {
  if (before === now) return true;
  const [old, young] = [parse(before), parse(now)];
  if (!old || !young || old.device !== young.device || old.links.length !== young.links.length) return false;
  const pairs = old.links.map((link, i) => [link, young.links[i]!] as const);
  const flipped = pairs.some(([a, b]) => a.name !== b.name);
  return flipped && pairs.every(([a, b]) => a.place === b.place && a.parent === b.parent);
}

/** Names of the sources of `before` that are others now, or gone. One that was added is none of them. */
export const otherRoots = (before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] =>
  Object.keys(before).filter((name) => now[name] === undefined || !sameRoot(before[name]!, now[name]));
