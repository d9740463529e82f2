import type { ExecRequest } from '../../model/stream.ts';

/**
 * `ConsoleSize` of the engine exists from API 1.42 on, and a resize after the start is too late: the command would
 * see 0x0. `exec` keeps the process; it ends with 127 when the program is missing and with 126 when it cannot run.
 */
const sized = 'stty rows "$1" cols "$2" 2>/dev/null; shift 2; exec "$@"';

export const commandOf = ({ argv, terminal }: Pick<ExecRequest, 'argv' | 'terminal'>): string[] =>
  terminal === null ? argv : ['/bin/sh', '-c', sized, 'workdock', `${terminal.rows}`, `${terminal.columns}`, ...argv];

/** Whether the engine runs it because of `commandOf`, with a terminal. */
export const isSized = (args: readonly string[]): boolean => args[1] === sized;
