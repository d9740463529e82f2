import { type ErrorCode, WorkdockError } from '../../lib/errors.ts';

/** What dockerode throws: HTTP errors carry `statusCode` and `json`, network errors `code`. */
type Raw = Partial<{ statusCode: number; json: { message?: string } | null; code: string; message: string }>;

const raw = (cause: unknown): Raw => (typeof cause === 'object' && cause !== null ? (cause as Raw) : {});

/** The engine's HTTP status, or undefined when it did not answer. */
export const statusOf = (cause: unknown): number | undefined => raw(cause).statusCode;

/** The engine's own words. For a failed pull `json` is null and the text is only in the error's message. */
export function textOf(cause: unknown): string {
  const { json, message } = raw(cause);
  return (json?.message ?? message ?? String(cause)).replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
}

type Rule = { status: number[]; text?: RegExp; code: ErrorCode; hint: string };

/**
 * The first rule that fits decides. Text is looked at only where the engine gives nothing else: 404 also means a
 * missing image or network, 500 also a full disk (measured on Docker 20.10.24, API 1.41).
 */
const rules: Rule[] = [
  { status: [500], text: /no space left on device/, code: 'DISK_FULL', hint: 'free space on the disk of the engine' },
  { status: [404], text: /no such image/i, code: 'IMAGE_NOT_FOUND', hint: 'build or pull the image' },
  {
    status: [404, 500],
    text: /network \S+ not found/,
    code: 'ENGINE_CONFLICT',
    hint: 'the network is made again by the controller; see the condition NetworkGuarded',
  },
  { status: [404], code: 'ENGINE_CONFLICT', hint: 'it is gone; looked at again' },
  {
    status: [400],
    text: /bind source path does not exist/,
    code: 'MOUNT_MISSING',
    hint: 'mount the disk, or make the folder on the host',
  },
  {
    status: [500],
    text: /unable to set memory limit|device or resource busy/i,
    code: 'ENGINE_CONFLICT',
    hint: 'more memory is in use than the new limit allows; it is tried again',
  },
  { status: [403, 409], code: 'ENGINE_CONFLICT', hint: 'something else changed it at the same time; looked at again' },
  { status: [400], text: /client version/, code: 'ENGINE_UNREACHABLE', hint: 'the API version is negotiated again' },
  { status: [400, 405, 406], code: 'ENGINE_REFUSED', hint: 'change the field of the spec that the message names' },
];

/** How a start fails because of the container itself, and not because of the host (500 is both). */
const startRule: Rule = {
  status: [400, 500],
  text: /OCI runtime|failed to create shim|could not select device|gathering device information|error mounting/,
  code: 'START_FAILED',
  hint: 'change the image, the command or the mounts that the message names',
};

const unreachable: Record<string, string> = {
  ENOENT: 'the engine is not started: start it, or point DOCKER_HOST at its socket',
  ECONNREFUSED: 'the engine is not started: start it',
  EACCES: 'this user may not use the socket of the engine: run as root or join its group',
};

/** Any failure of one engine call as ours; `what` reads like `start ws-ada`. */
export function translate(cause: unknown, what: string): WorkdockError {
  if (cause instanceof WorkdockError) return cause;
  const { statusCode, code } = raw(cause);
  const message = `${what}: ${textOf(cause)}`;
  if (code === 'ABORT_ERR') return timedOut(what, cause);
  if (statusCode === undefined) {
    const hint = unreachable[code ?? ''] ?? 'the connection to the engine broke; it is tried again';
    const known = typeof code === 'string' && /^E[A-Z]+$/.test(code);
    return new WorkdockError(known ? 'ENGINE_UNREACHABLE' : 'ENGINE_FAILED', message, { hint, cause });
  }
  const candidates = what.startsWith('start ') ? [rules[0]!, startRule, ...rules] : rules;
  const rule = candidates.find((r) => r.status.includes(statusCode) && (r.text?.test(message) ?? true));
  return new WorkdockError(rule?.code ?? 'ENGINE_FAILED', message, {
    hint: rule?.hint ?? 'see the log of the engine; it is tried again',
    cause,
  });
}

/** The outcome of a mutating call that timed out is unknown: the engine goes on after the client left. */
export const timedOut = (what: string, cause?: unknown): WorkdockError =>
  new WorkdockError('ENGINE_TIMEOUT', `${what}: the engine did not answer in time`, {
    hint: 'the engine hangs or is overloaded; what it did is looked up before anything else',
    cause,
  });

/** Lets one HTTP status be an answer instead of an error: 404 is "absent", 304 "already so". */
export const allow = <T>(status: number, call: Promise<T>): Promise<T | undefined> =>
  call.catch((error: unknown) => {
    if (statusOf(error) !== status && statusOf((error as Error).cause) !== status) throw error;
    return undefined;
  });
