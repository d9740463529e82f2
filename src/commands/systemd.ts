import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { WorkdockError } from '../lib/errors.ts';

/** A stop may take as long as the unit's TimeoutStopSec, twice for a restart. */
const DEADLINE_MS = 150_000;

/** What systemd says of a unit; words as in `systemctl show`. */
export type UnitState = {
  ActiveState: string;
  SubState: string;
  UnitFileState: string;
  MainPID: string;
  ActiveEnterTimestamp: string;
  NRestarts: string;
  Result: string;
};
const properties = [
  'ActiveState',
  'SubState',
  'UnitFileState',
  'MainPID',
  'ActiveEnterTimestamp',
  'NRestarts',
  'Result',
];

export type Systemd = {
  /** False in a container and on machines with another init; sd_booted(3) looks at the same folder. */
  isRunning: () => boolean;
  /** Name of process 1. */
  init: () => string;
  /** @throws REFUSED with what systemctl said. */
  systemctl: (...args: string[]) => Promise<void>;
  show: (service: string) => Promise<UnitState>;
  /** The last lines of its log, oldest first; none where there is no journal. */
  log: (service: string, lines: number) => Promise<string[]>;
};

export function makeSystemd(): Systemd {
  return {
    isRunning: () => existsSync('/run/systemd/system'),
    init: () => {
      try {
        return readFileSync('/proc/1/comm', 'utf8').trim();
      } catch {
        return 'unknown';
      }
    },
    systemctl: async (...args) => {
      await run('systemctl', args);
    },
    show: async (service) => {
      const text = await run('systemctl', ['show', `${service}.service`, `--property=${properties.join(',')}`]);
      const pairs = text.split('\n').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]);
      return { ...Object.fromEntries(properties.map((key) => [key, ''])), ...Object.fromEntries(pairs) } as UnitState;
    },
    log: async (service, lines) => {
      const args = ['--unit', `${service}.service`, '--lines', `${lines}`, '--no-pager', '--quiet', '--output', 'cat'];
      const text = await run('journalctl', args).catch(() => '');
      return text.split('\n').filter((line) => line !== '');
    },
  };
}

function run(command: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: DEADLINE_MS,
      maxBuffer: 16 << 20,
      env: { ...process.env, SYSTEMD_PAGER: '', LC_ALL: 'C' },
    };
    execFile(command, args, options, (cause, stdout, stderr) => {
      if (!cause) return resolve(stdout);
      const said = stderr.trim() || cause.message;
      const hint = `see \`systemctl status ${args.at(-1)}\` and \`journalctl -xe\``;
      reject(new WorkdockError('REFUSED', `${command} ${args[0]} failed: ${said}`, { hint, cause }));
    });
  });
}
