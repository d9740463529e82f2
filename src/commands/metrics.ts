import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import type { VerbDeps } from './io.ts';

const more = `
What each metric means is in docs/reference/metrics.md. The controller answers from what it knows; asking often costs
the workspaces nothing. FILE is replaced as a whole, so that a reader never meets half of it.

Examples:
  workdock metrics | grep '^workdock_workspaces'
  workdock metrics --output /var/lib/prometheus/node-exporter/workdock.prom`;

/** `metrics`: what is counted, as Prometheus reads it. */
export function metricsCommand({ io, client }: VerbDeps): Command {
  return new Command('metrics')
    .description('everything that is counted, in the text format of Prometheus')
    .option('--output <file>', 'write a file, for the textfile collector of node_exporter')
    .addHelpText('after', more)
    .action(async ({ output }: { output?: string }) => {
      const text = await (await client()).metrics();
      if (output === undefined) io.out(text.trimEnd());
      else await replace(resolve(io.cwd, output), text);
    });
}

/** Readable by everybody, as node_exporter has an account of its own; it takes no file that does not end in `.prom`. */
async function replace(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.new`;
  try {
    await writeFile(beside, text, { flag: 'wx' });
    // Whatever the umask of this account is.
    await chmod(beside, 0o644);
    await rename(beside, file);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new WorkdockError('REFUSED', `cannot write ${file} (${code})`, {
      ...{ hint: 'make its folder, or one that this account may write to', cause },
    });
  }
}
