import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { makeGitSource } from '../../src/sources/git/source.ts';

/** A git source in a process that may be killed: `node git-source-process.ts URL FOLDER`. Reports its scans. */
const [url = '', folder = ''] = process.argv.slice(2);
const source = makeGitSource({
  ...{ folder, remote: { url, protocol: 'git' }, branch: 'main', folders: null, key: null, knownHosts: null },
  ...{ intervalMs: 100, env: process.env, clock: systemClock, log: silentLog },
});
source.onScan(async (scan) => void process.send?.(scan.kind));
setInterval(() => undefined, 1_000);
await source.start();
