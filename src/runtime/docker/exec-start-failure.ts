const NOT_FOUND = 127;
const NOT_RUNNABLE = 126;

/** What the engine wraps around the reason, outermost first (Docker 20.10.24 with runc 1.1). */
const wrapping = [
  /^OCI runtime exec failed: /,
  /^exec failed: /,
  /^unable to start container process: /,
  // With it comes advice for who mounts things, which nobody does here.
  /: unknown(: Are you trying to mount .*)?$/s,
];
const stopped = /^cannot exec in a stopped (state|container)/;
const folder = /^chdir to cwd \("(.*)"\) set in config\.json failed: (.*)$/s;

type Failure = { line: string; code: number };

/**
 * A command that could not be started: the engine says so on its stdout, with code 126 whatever the reason. As a shell
 * would say it: one line for stderr, and 127 for a program that is not there. Null when its container was stopped in
 * this very moment, which is no fault of the command. Only the engine's words tell them apart.
 */
export function startFailure(program: string, said: string): Failure | null {
  const reason = wrapping.reduce((text, part) => text.replace(part, ''), said.trim());
  if (stopped.test(reason)) return null;
  const own = /^exec: (?:"[^"]*": )?(.*)$/s.exec(reason)?.[1];
  const missing = own !== undefined && /executable file not found|no such file or directory/.test(own);
  return {
    line: `workdock: cannot run ${program}: ${own ?? reason.replace(folder, 'folder $1: $2')}\n`,
    code: missing ? NOT_FOUND : NOT_RUNNABLE,
  };
}
