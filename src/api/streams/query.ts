import { posix } from 'node:path';
import { WorkdockError } from '../../lib/errors.ts';
import type { ExecAsk, TerminalSize } from '../../model/stream.ts';

const known = ['command', 'stdin', 'stdout', 'stderr', 'tty', 'rows', 'columns', 'workdir', 'env', 'start'];
const MOST_ARGUMENT_BYTES = 128 * 1024; // Linux takes no longer one
const DEFAULT_SIZE: TerminalSize = { rows: 24, columns: 80 };

const usage = (message: string): never => {
  throw new WorkdockError('USAGE', message, { hint: 'docs/reference/api.md has the query of exec' });
};

function flag(query: URLSearchParams, key: string, otherwise: boolean): boolean {
  const value = query.get(key);
  if (value === null) return otherwise;
  if (['true', '1', ''].includes(value)) return true;
  return ['false', '0'].includes(value) ? false : usage(`${key} must be true or false`);
}

function size(query: URLSearchParams): TerminalSize {
  const side = (key: 'rows' | 'columns'): number => {
    const value = query.get(key);
    if (value === null) return DEFAULT_SIZE[key];
    return /^[1-9][0-9]{0,3}$/.test(value) ? Number(value) : usage(`${key} must be a number from 1 to 9999`);
  };
  return { rows: side('rows'), columns: side('columns') };
}

function variables(query: URLSearchParams): Record<string, string> {
  const pairs = query.getAll('env').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    if (at < 1 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) usage(`env ${JSON.stringify(pair)} is not NAME=VALUE`);
    return [name, pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

/**
 * The query as Kubernetes writes it (`command=ls&command=-l&stdin=true&tty=true`), and `rows`, `columns`, `workdir`,
 * `env`, `start` of ours.
 * @throws USAGE
 */
export function parseExecQuery(query: URLSearchParams): ExecAsk {
  const unknown = [...query.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) usage(`exec has no ${unknown}`);
  const argv = query.getAll('command');
  if (argv.length === 0 || argv[0] === '') usage('no command: command=ls&command=-l');
  const env = variables(query);
  const texts = [...argv, ...Object.values(env), query.get('workdir') ?? ''];
  if (texts.some((text) => text.includes('\0'))) usage('a zero byte can be in no argument');
  if (texts.some((text) => Buffer.byteLength(text) > MOST_ARGUMENT_BYTES)) usage('an argument is longer than 128 KiB');
  const workingDir = query.get('workdir');
  if (workingDir !== null && !posix.isAbsolute(workingDir)) usage('workdir must be an absolute path');
  return {
    argv,
    env,
    ...(workingDir !== null && { workingDir: posix.normalize(workingDir) }),
    terminal: flag(query, 'tty', false) ? size(query) : null,
    stdin: flag(query, 'stdin', false),
    start: flag(query, 'start', true),
  };
}
