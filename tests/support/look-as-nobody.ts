import { relative } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { makeLook } from '../../src/sources/look.ts';

// A program for tests: one look at a folder without root's rights, for what root may always do. Its modules are loaded
// before the rights go, because the checkout may be closed to others.
const NOBODY = 65_534;
const [, , folder = ''] = process.argv;

if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
const seen = await makeLook(folder, systemClock)();
const files = (versions: Map<string, { content: { text: string } | { error: string } }>): Record<string, string> =>
  Object.fromEntries(
    [...versions].map(([path, { content }]) => [
      relative(folder, path),
      'error' in content ? `(${content.error})` : content.text,
    ]),
  );
process.send?.(seen.kind === 'seen' ? files(seen.versions) : seen, () => process.disconnect());
