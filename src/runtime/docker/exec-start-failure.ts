const NOT_FOUND = 127;
const NOT_RUNNABLE = 126;

/** What the engine wraps around the reason, outermost first (Docker 20.10.24 with runc 1.1). */
const wrapping = [/^OCI runtime exec failed: /, /^exec failed: /, /^unable to start container process: /, /: unknown$/];

/**
 * A command that could not be started: the engine says so on its stdout, with code 126 whatever the reason. As a shell
 * would say it: one line for stderr, and 127 for a program that is not there. Only the engine's words tell them apart.
 */
export function startFailure(program: string, said: string): { line: string; code: number } {
  const reason = wrapping.reduce((text, part) => text.replace(part, ''), said.trim());
  const own = /^exec: (?:"[^"]*": )?(.*)$/s.exec(reason)?.[1];
  const missing = own !== undefined && /executable file not found|no such file or directory/.test(own);
  return {
    line: `workdock: cannot run ${program}: ${own ?? reason}\n`,
    code: missing ? NOT_FOUND : NOT_RUNNABLE,
  };
}
