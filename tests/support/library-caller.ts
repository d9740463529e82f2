import { openWorkspaces } from '../../src/index.ts';

/** A program of its own: asks five times at once for the workspace of one owner, and prints what it got. */
const [state, owner] = process.argv.slice(2) as [string, string];
const workspaces = await openWorkspaces({ state });
const all = await Promise.all(Array.from({ length: 5 }, () => workspaces.getOrCreate(owner)));
process.stdout.write(JSON.stringify(all.map(({ outcome, status }) => ({ outcome, id: status.container?.id }))));
