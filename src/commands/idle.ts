import { Command } from 'commander';
import { type Row, table } from '../lib/table.ts';
import type { Evidence } from '../model/idle.ts';
import type { IdleRow } from '../model/service.ts';
import { chosenRows } from './chosen-rows.ts';
import { EVIDENCE, evidenceRows, idleCell, restsCell } from './idle-text.ts';
import type { Io, VerbDeps } from './io.ts';
import { minutes } from './minutes-option.ts';
import { type Format, outputOption, printData } from './output.ts';
import { phaseCell } from './phase-text.ts';

type Flags = { output: Format; selector?: string; minutes?: number };

const more = `
AWAKE says whether a signal keeps the workspace awake: yes, no, or unknown when it cannot be read (that counts as yes).
With wide and json every signal is shown. Whose idle.mode is Observe has no RESTS: an event says when it would stop.

Examples:
  workdock idle                    who runs, the longest quiet first
  workdock idle ada -o wide        what each signal says about ada
  workdock idle --minutes 10 -o name | xargs -n1 workdock stop`;

/** `idle`: who runs and how quiet, with the evidence. */
export function idleCommand({ io, client }: VerbDeps): Command {
  return new Command('idle')
    .description('who is idle, and what says so')
    .argument('[names...]', 'only these, also when they do not run')
    .addOption(outputOption('table', 'wide', 'json', 'yaml', 'name'))
    .option('-l, --selector <labels>', 'only those with these labels: lab=neuro')
    .option('--minutes <n>', 'only those that are quiet for so long', minutes)
    .addHelpText('after', more)
    .action(async (names: string[], { output, selector, minutes: least }: Flags) => {
      const all = await (await client()).idle();
      const { rows: some, check } = chosenRows(all, { names, selector }, runs);
      const rows = some.filter(({ verdict }) => least === undefined || (verdict?.quietMs ?? -1) >= least * 60_000);
      print(rows, output, io);
      if (rows.length === 0 && names.length === 0) io.err('workdock: nobody of that kind runs');
      check(io);
    });
}

/** A start is told in other words. */
const isQuiet = ({ signal, keepsAwake }: Evidence) => keepsAwake === 'no' || signal === 'started';

const runs = ({ phase }: IdleRow) => phase === 'Running' || phase === 'Frozen';

function print(rows: IdleRow[], format: Format, io: Io): void {
  if (printData(io, format, rows)) return;
  if (format === 'name') for (const { name } of rows) io.out(name);
  else if (rows.length > 0) for (const line of lines(rows, format === 'wide', io)) io.out(line);
}

function lines(rows: IdleRow[], wide: boolean, { now, colour, width }: Io): string[] {
  const at = now();
  const cut = wide || width === undefined ? {} : { width };
  const cells = rows.map((row): Row => {
    const { name, phase, policy } = row;
    const mode = policy === undefined ? '-' : policy.enabled ? policy.mode : 'off';
    return [name, phaseCell(phase, colour), idleCell(row, at), restsCell(row, at), mode, whyText(row)];
  });
  const head = table(['NAME', 'PHASE', 'IDLE', 'RESTS', 'MODE', 'WHY'], cells, cut);
  const evidence = rows.flatMap(({ name, verdict }) =>
    verdict ? evidenceRows(verdict).map((row): Row => [name, ...row]) : [],
  );
  return wide && evidence.length > 0 ? [...head, '', ...table(['NAME', ...EVIDENCE], evidence)] : head;
}

/** What was found, and what stands between that and the stop. */
export function whyText({ verdict, note, phase, policy }: IdleRow): string {
  if (policy?.enabled === false && phase === 'Running') return 'not judged: idle.enabled is false';
  if (verdict && phase === 'Resting') return `put to rest: ${verdict.because}`;
  const found = verdict?.because ?? (phase === 'Running' ? 'not looked at yet' : `it does not run: ${phase}`);
  const told = note === undefined || phase !== 'Running' || verdict === undefined || !verdict.evidence.every(isQuiet);
  return told ? found : `${found}; it is not put to rest: ${note}`;
}
