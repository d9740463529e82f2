import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Service } from '../../src/model/service.ts';
import type { ExecAsk, ExecSession } from '../../src/model/stream.ts';
import { memoryService, workspace } from './service.ts';

/** A service whose one command is in the hands of the test. `start` lets it begin; until then whoever asks waits. */
export function handMadeExec() {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined);
  const exit = Promise.withResolvers<number>();
  const begun = Promise.withResolvers<void>();
  /** What was asked of the command, in order. */
  const asked: string[] = [];
  const asks: ExecAsk[] = [];
  let engineAnswers = Promise.resolve();
  const session: ExecSession = {
    ...{ stdin, stdout, stderr, exited: exit.promise },
    resize: async ({ rows, columns }) => {
      await engineAnswers;
      asked.push(`${rows}x${columns}`);
    },
    signal: async (name) => void asked.push(name),
    hangUp: async () => void asked.push('HUP'),
  };
  exit.promise.catch(() => undefined);
  const exec: Service['exec'] = async (_name, ask, signal) => {
    asks.push(ask);
    const gone = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        asked.push('nobody waits');
        reject(signal.reason);
      });
    });
    gone.catch(() => undefined);
    await Promise.race([begun.promise, gone]);
    return session;
  };
  return {
    ...{ stdin, stdout, stderr, asked, asks },
    service: { ...memoryService([workspace('ada')]), exec } satisfies Service,
    start: () => begun.resolve(),
    /** From now on a size takes until the returned function is called. */
    holdSizes: () => {
      const held = Promise.withResolvers<void>();
      engineAnswers = held.promise;
      return held.resolve;
    },
    end: (code: number) => {
      for (const output of [stdout, stderr]) output.end();
      exit.resolve(code);
    },
    fail: (error: Error) => {
      for (const output of [stdout, stderr]) output.end();
      exit.reject(error);
    },
  };
}

/** A client that knows the protocol and nothing of ours; its messages as `[channel, text]`. */
export function rawClient(socket: string, query: string, protocol = 'v5.channel.k8s.io', name = 'ada') {
  const client = new WebSocket(`ws+unix:${socket}:/v1/workspaces/${name}/exec?${query}`, protocol, {
    perMessageDeflate: true,
  });
  onTestFinished(() => client.terminate());
  const messages: [number, string][] = [];
  const state = { open: false, closed: null, refused: null } as {
    open: boolean;
    closed: number | null;
    refused: string | null;
  };
  client.on('error', () => undefined);
  client.on('open', () => {
    state.open = true;
  });
  client.on('message', (data: Buffer) => void messages.push([data[0]!, data.subarray(1).toString()]));
  client.on('close', (code) => {
    state.closed = code;
  });
  client.on('unexpected-response', (_request, answer) => {
    let text = '';
    answer.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    answer.on('end', () => {
      state.refused = `${answer.statusCode} ${(JSON.parse(text) as { code: string }).code}`;
    });
  });
  return {
    ...{ client, messages, state },
    say: (channel: number, payload: string | Buffer = '') =>
      client.send(Buffer.concat([Buffer.from([channel]), Buffer.from(payload as string)])),
  };
}
