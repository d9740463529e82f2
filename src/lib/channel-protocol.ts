/**
 * Kubernetes' `v5.channel.k8s.io`: many streams over one WebSocket. Every message is binary and its first byte names
 * the channel (kubernetes/apimachinery, `remotecommand/constants.go`; 255 closes one channel from version 5 on).
 */
export const SUBPROTOCOL = 'v5.channel.k8s.io';

export const channels = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  /** How it ended: a `Status` of Kubernetes, once, as the last message. */
  error: 3,
  /** `{"Width": 80, "Height": 24}` */
  resize: 4,
  /** Ours, unknown to Kubernetes: `{"signal": "SIGINT"}`. */
  signal: 5,
  /** One byte follows: the channel that ends. */
  close: 255,
} as const;

export function frame(channel: number, payload: Buffer | string): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const whole = Buffer.allocUnsafe(bytes.length + 1);
  whole[0] = channel;
  bytes.copy(whole, 1);
  return whole;
}

/** What became of a command: its code, or why there is none. */
export type Outcome = { ok: true; code: number } | { ok: false; message: string };

/** As the kubelet says it: no code for success, `NonZeroExitCode` with the code as a cause, else an inner error. */
export function statusText(outcome: Outcome): string {
  const base = { metadata: {}, apiVersion: 'v1', kind: 'Status' };
  if (!outcome.ok) {
    return JSON.stringify({ ...base, status: 'Failure', reason: 'InternalError', message: outcome.message, code: 500 });
  }
  const { code } = outcome;
  if (code === 0) return JSON.stringify({ ...base, status: 'Success' });
  const message = `command terminated with non-zero exit code: exit status ${code}`;
  const details = { causes: [{ reason: 'ExitCode', message: String(code) }] };
  return JSON.stringify({ ...base, status: 'Failure', message, reason: 'NonZeroExitCode', details });
}

type Status = { status?: string; message?: string; details?: { causes?: { reason?: string; message?: string }[] } };

/** The way back. Text that is no status is an outcome without a code. */
export function outcomeOf(text: string): Outcome {
  let status: Status;
  try {
    status = JSON.parse(text) as Status;
  } catch {
    return { ok: false, message: 'how the command ended cannot be read' };
  }
  if (status.status === 'Success') return { ok: true, code: 0 };
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  const code = Number(cause?.message);
  if (cause && Number.isInteger(code)) return { ok: true, code };
  return { ok: false, message: status.message ?? 'the command ended without a code' };
}
