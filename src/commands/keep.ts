import { Command } from 'commander';
import { shortSpan } from '../lib/age.ts';
import { durationText } from '../lib/duration.ts';
import { WorkdockError } from '../lib/errors.ts';
import { durationMs } from './duration-option.ts';
import type { VerbDeps } from './io.ts';

const more = `
Holds off the idle stop only: a stop by a person or by the spec still stops it. idle.maxKeep in the config caps how
long. When the lease is over the idle timeout begins anew. From inside a workspace: \`keep 2h\`.

Examples:
  workdock keep ada 12h
  workdock keep ada --end`;

/** `keep`: a lease that holds off the idle stop. */
export function keepCommand({ io, client }: VerbDeps): Command {
  return new Command('keep')
    .description('hold off the idle stop of a workspace')
    .argument('<name>', 'workspace')
    .argument('[duration]', 'from now on: 2h, 90m, 1d', durationMs)
    .option('--end', 'end it now')
    .addHelpText('after', more)
    .action(async (name: string, forMs: number | undefined, { end }: { end?: true }) => {
      if ((forMs !== undefined) === (end === true)) {
        throw new WorkdockError('USAGE', 'give a duration or --end, one of the two', {
          hint: '`workdock keep --help`',
        });
      }
      if (forMs === 0) throw new WorkdockError('USAGE', 'a lease of 0s is none', { hint: '--end ends one' });
      const { lease, phase, cappedFromMs } = await (await client()).keep(name, forMs ?? 0);
      if (!lease) return io.out(`${name} is not kept any more: the idle rule applies`);
      const left = shortSpan(Math.ceil((Date.parse(lease.until) - io.now()) / 1_000));
      io.out(`${name} is kept awake for ${left}, until ${lease.until}`);
      if (phase !== 'Running') io.err(`workdock: it does not run now (${phase}), and a lease starts nothing`);
      if (cappedFromMs !== undefined) {
        io.err(`workdock: ${durationText(cappedFromMs)} is more than idle.maxKeep of the config allows`);
      }
    });
}
