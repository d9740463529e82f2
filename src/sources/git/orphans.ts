import { readdir, readFile } from 'node:fs/promises';

/** What we run that can take long, or hang for as long as the other side does not speak. */
const long = ['fetch', 'ls-remote', 'gc'];

/**
 * Ends what a controller that was killed had running in its mirror: it would work on it beside us, or hang for ever.
 * Known by its own words, the path of the mirror among them; readers of the mirror (`plan --git`) are left alone.
 * Where there is no /proc nothing is ended.
 */
export async function endOrphans(mirror: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^[1-9][0-9]*$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      if (!words.includes(`--git-dir=${mirror}`) || !long.some((word) => words.includes(word))) return;
      try {
        process.kill(-Number(pid), 'SIGKILL'); // each call leads a process group of its own
      } catch {
        // It ended by itself, or is a child of one that leads.
      }
    }),
  );
}
