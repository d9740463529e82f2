import { type ErrorCode, errorCodes, WorkdockError } from '../lib/errors.ts';

const HINT =
  'start it with `workdock up`, or `systemctl start workdock` where it is a service, or name its state folder with ' +
  '--state; workspaces run on without it';

const unreachable = (message: string, hint: string, cause?: unknown) =>
  new WorkdockError('CONTROLLER_UNREACHABLE', message, { hint, cause });

export const tooLate = (socket: string, deadlineMs: number): WorkdockError =>
  unreachable(`the controller at ${socket} does not answer within ${deadlineMs / 1000} s`, HINT);

export const streamEnded = (socket: string): WorkdockError =>
  unreachable(`the controller at ${socket} ended the stream`, HINT);

/** What the system said about the socket, in words for people. */
export function connectError(cause: unknown, socket: string): WorkdockError {
  if (cause instanceof WorkdockError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return unreachable(`no controller answers at ${socket}`, HINT, cause);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = 'the socket belongs to the account that runs the controller: use that account, or sudo';
    return unreachable(`no permission to open ${socket}`, hint, cause);
  }
  return unreachable(`the controller at ${socket} broke off`, HINT, cause);
}

/** @throws INTERNAL when it is not JSON. */
export function parseAnswer<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    const hint = 'client and controller may differ in version: compare `workdock version`';
    throw new WorkdockError('INTERNAL', 'the answer of the controller cannot be read', { hint, cause });
  }
}

/** The error that the controller refused with; a code of a newer one that we do not know becomes INTERNAL. */
export function refusal(text: string, status: number): WorkdockError {
  const { code, message, hint } = parseAnswer<{ code?: string; message?: string; hint?: string }>(text);
  const known = code !== undefined && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL';
  return new WorkdockError(known, message ?? `the controller answered ${status}`, { hint: hint ?? '' });
}
