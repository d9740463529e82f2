import { WorkdockError } from '../lib/errors.ts';

/**
 * Exit code of verbs whose other codes are those of somebody's command, for every failure of ours: the command was
 * never run, or what became of it is not known. As `docker run`, `env` and `nohup` have it.
 */
export const OWN_FAILURE = 125;

/** The exit code tells only whose failure it is, so the words have the code too. */
export const withCode = ({ code, message, hint }: WorkdockError): WorkdockError =>
  new WorkdockError(code, `${message} (${code})`, { hint });
