/**
 * Everything the product can fail with. `retry` decides what the controller does, `http` what the API answers and
 * `exit` what a verb exits with (design 6); no caller parses messages.
 *
 * - `never`: nothing changes until the spec, the host or a person does.
 * - `backoff`: may pass by itself; retried with growing pauses.
 * - `wait`: waits for something named (a mount, the engine); looked at again at a steady pace.
 */
const codes = {
  USAGE: { retry: 'never', http: 400, exit: 2 },
  SPEC_INVALID: { retry: 'never', http: 422, exit: 3 },
  CONFIG_INVALID: { retry: 'never', http: 422, exit: 3 },
  NOT_FOUND: { retry: 'never', http: 404, exit: 5 },
  REFUSED: { retry: 'never', http: 409, exit: 7 },
  WAIT_TIMEOUT: { retry: 'never', http: 408, exit: 6 },
  OUTPUT_TOO_LONG: { retry: 'never', http: 413, exit: 8 },
  PARTIAL_FAILURE: { retry: 'never', http: 500, exit: 8 },
  CONTROLLER_UNREACHABLE: { retry: 'wait', http: 503, exit: 4 },
  CONTROLLER_LOCKED: { retry: 'never', http: 409, exit: 7 },
  ENGINE_UNREACHABLE: { retry: 'wait', http: 503, exit: 4 },
  ENGINE_TIMEOUT: { retry: 'wait', http: 503, exit: 4 },
  ENGINE_REFUSED: { retry: 'never', http: 422, exit: 8 },
  ENGINE_FAILED: { retry: 'backoff', http: 500, exit: 8 },
  ENGINE_CONFLICT: { retry: 'backoff', http: 409, exit: 8 },
  IMAGE_NOT_FOUND: { retry: 'backoff', http: 424, exit: 8 },
  START_FAILED: { retry: 'backoff', http: 422, exit: 8 },
  NAME_TAKEN: { retry: 'never', http: 409, exit: 7 },
  OWNER_RESERVED: { retry: 'never', http: 422, exit: 3 },
  HOME_UNUSABLE: { retry: 'wait', http: 424, exit: 8 },
  MOUNT_MISSING: { retry: 'wait', http: 424, exit: 8 },
  SECRET_UNUSABLE: { retry: 'wait', http: 424, exit: 8 },
  NETWORK_MISSING: { retry: 'wait', http: 424, exit: 8 },
  DISK_FULL: { retry: 'wait', http: 507, exit: 8 },
  DATA_FOLDER_MISSING: { retry: 'wait', http: 424, exit: 7 },
  STATE_NEWER: { retry: 'never', http: 409, exit: 7 },
  NOT_PERSISTED: { retry: 'backoff', http: 507, exit: 8 },
  STEP_REPEATED: { retry: 'backoff', http: 500, exit: 8 },
  INTERNAL: { retry: 'backoff', http: 500, exit: 70 },
} as const satisfies Record<string, { retry: 'never' | 'backoff' | 'wait'; http: number; exit: number }>;

export type ErrorCode = keyof typeof codes;
export const errorCodes = codes;

export class WorkdockError extends Error {
  override readonly name = 'WorkdockError';
  readonly code: ErrorCode;
  /** What the reader should do next, one sentence. */
  readonly hint: string;

  constructor(code: ErrorCode, message: string, rest: { hint: string; cause?: unknown }) {
    super(message, { cause: rest.cause });
    this.code = code;
    this.hint = rest.hint;
  }

  get policy() {
    return codes[this.code];
  }

  /** The error itself when it is already one of ours, else a new one with `cause`. */
  static wrap(cause: unknown, code: ErrorCode, message: string, hint: string): WorkdockError {
    return cause instanceof WorkdockError ? cause : new WorkdockError(code, message, { hint, cause });
  }
}

/** @throws REFUSED */
export function refuse(message: string, hint: string): never {
  throw new WorkdockError('REFUSED', message, { hint });
}
