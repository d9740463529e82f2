import { connect } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { channels, frame, type Outcome, outcomeOf, SUBPROTOCOL } from '../lib/channel-protocol.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { ExecAsk, TerminalSize } from '../model/stream.ts';
import { connectError, refusal, streamEnded } from './client-errors.ts';

/** A command that runs in a workspace, seen from the client. All three streams keep backpressure. */
export type RemoteExec = {
  /** `end` closes the command's stdin and nothing else. */
  stdin: Writable;
  stdout: Readable;
  /** Ends at once when there is a terminal. */
  stderr: Readable;
  resize: (size: TerminalSize) => void;
  signal: (name: NodeJS.Signals) => void;
  /** Exit code, once both outputs have ended. @throws CONTROLLER_UNREACHABLE when the connection breaks before. */
  exited: Promise<number>;
  /** Goes away: a terminal's processes get HUP, others go on. */
  close: () => void;
};

const MOST_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Longer input goes in several messages: the server takes at most 1 MiB. */
const PIECE_BYTES = 256 * 1024;
/** The server takes a head of 1 MiB. */
const MOST_QUERY_BYTES = 1_000_000;

function queryOf({ argv, env, workingDir, terminal, stdin, start }: ExecAsk): string {
  const query = new URLSearchParams(argv.map((word): [string, string] => ['command', word]));
  for (const [name, value] of Object.entries(env)) query.append('env', `${name}=${value}`);
  query.append('stdin', String(stdin));
  query.append('stdout', 'true');
  query.append('stderr', 'true');
  if (workingDir !== undefined) query.append('workdir', workingDir);
  if (!start) query.append('start', 'false');
  if (terminal) {
    query.append('tty', 'true');
    query.append('rows', String(terminal.rows));
    query.append('columns', String(terminal.columns));
  }
  return query.toString();
}

/** A refusal that came as an ordinary answer. */
async function refused(answer: AsyncIterable<Buffer>, status: number): Promise<WorkdockError> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return refusal(Buffer.concat(chunks).toString('utf8'), status);
}

/** Resolves with the open connection, which may take as long as the workspace takes to start. */
function dial(socket: string, path: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    // Not ws+unix: it takes a socket's path for part of a URL, and a colon, a hash or a percent sign for its own.
    const client = new WebSocket(`ws://workdock${path}`, SUBPROTOCOL, {
      createConnection: () => connect(socket),
      perMessageDeflate: false,
      maxPayload: MOST_MESSAGE_BYTES,
    });
    client.once('unexpected-response', (request, answer) => {
      // An answer that came before the whole question was sent is followed by a reset, which is no news.
      answer.socket.on('error', () => undefined);
      refused(answer, answer.statusCode ?? 0).then(reject, reject);
      answer.once('end', () => request.destroy());
    });
    client.once('error', (cause) => reject(connectError(cause, socket)));
    client.once('open', () => {
      client.pause(); // until somebody listens: a quick command has answered by now
      resolve(client);
    });
  });
}

/** Bytes on their way to their reader; while any reader is slow nothing more is read from the connection. */
function makeOutput(onWish: () => void) {
  let full = false;
  const stream = new Readable({
    read: () => {
      full = false;
      onWish();
    },
  });
  return {
    stream,
    isFull: () => full && !stream.destroyed,
    push: (bytes: Buffer) => {
      if (!stream.destroyed && !stream.push(bytes)) full = true;
    },
    end: () => {
      if (!stream.destroyed && !stream.readableEnded) stream.push(null);
    },
  };
}

function makeStdin(client: WebSocket): Writable {
  const send = (bytes: Buffer) => new Promise<void>((resolve) => client.send(bytes, () => resolve()));
  const write = async (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      if (client.readyState !== client.OPEN) return; // the command has ended: as a pipe that nobody reads
      await send(frame(channels.stdin, chunk.subarray(at, at + PIECE_BYTES)));
    }
  };
  const close = () => {
    if (client.readyState === client.OPEN) {
      client.send(frame(channels.close, Buffer.from([channels.stdin])), () => undefined);
    }
  };
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => void write(chunk).then(() => done(), done),
    final: (done) => {
      close();
      done();
    },
  });
}

/**
 * Runs a command in a workspace over the socket of its controller. Nothing of stdin is taken before the command exists.
 * @throws what the controller refused with, or CONTROLLER_UNREACHABLE; USAGE for a command line of more than 1 MB.
 */
export async function openExec(socket: string, name: string, ask: ExecAsk): Promise<RemoteExec> {
  const query = queryOf(ask);
  if (query.length > MOST_QUERY_BYTES) {
    const hint = 'give it through stdin, or as a file in the home';
    throw new WorkdockError('USAGE', 'the command line is longer than 1 MB', { hint });
  }
  const client = await dial(socket, `/v1/workspaces/${encodeURIComponent(name)}/exec?${query}`);
  const flow = () => {
    if (outputs.some((output) => output.isFull())) client.pause();
    else client.resume();
  };
  const [out, err] = [makeOutput(() => flow()), makeOutput(() => flow())];
  const outputs = [out, err];
  if (ask.terminal) err.end();

  const exited = new Promise<number>((resolve, reject) => {
    let outcome: Outcome | undefined;
    client.on('message', (data: Buffer) => {
      const rest = data.subarray(1);
      if (data[0] === channels.stdout) out.push(rest);
      else if (data[0] === channels.stderr) err.push(rest);
      else if (data[0] === channels.error) outcome = outcomeOf(rest.toString('utf8'));
      flow();
    });
    client.on('error', () => client.terminate());
    client.once('close', () => {
      for (const output of outputs) output.end();
      if (outcome?.ok) resolve(outcome.code);
      else if (outcome) reject(new WorkdockError('ENGINE_FAILED', outcome.message, { hint: 'try it again' }));
      else reject(streamEnded(socket));
    });
  });
  exited.catch(() => undefined); // whoever waits for it gets the error
  client.resume();

  const tell = (channel: number, what: object) => {
    if (client.readyState === client.OPEN) client.send(frame(channel, JSON.stringify(what)), () => undefined);
  };
  return {
    stdin: makeStdin(client),
    stdout: out.stream,
    stderr: err.stream,
    resize: ({ rows, columns }) => tell(channels.resize, { Width: columns, Height: rows }),
    signal: (name) => tell(channels.signal, { signal: name }),
    exited,
    close: () => client.terminate(),
  };
}
