import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ParsedFile, whole } from './document.ts';
import { parseFile } from './parse.ts';
import type { Reply } from './parse-worker.ts';

/** Runs from the sources (.ts) and from what was compiled of them (.js). */
const workerUrl = new URL(`./parse-worker${extname(import.meta.url)}`, import.meta.url);

/** A 64 KiB file needs a few tens; a worker that wants more is stopped by the engine and the file is refused. */
const WORKER_MEGABYTES = 256;
/** Loading takes 0.3 s; a machine that cannot do it in this time reads without a thread. */
const LOAD_MS = 10_000;

type Job = { id: number; path: string; text: string; done: (parsed: ParsedFile) => void; timer?: NodeJS.Timeout };

/**
 * One thread that reads one text at a time. A text that takes longer than `deadlineMs` ends the thread, and the next
 * text gets a new one. A text that finds no thread is read here.
 */
export function makeParseThread(deadlineMs: number) {
  const waiting: Job[] = [];
  let worker: Worker | undefined;
  let ready = false;
  let current: Job | undefined;
  let ids = 0;

  function finish(parsed: (job: Job) => ParsedFile): void {
    const job = current;
    current = undefined;
    clearTimeout(job?.timer);
    if (job) job.done(parsed(job));
    next();
  }

  /** The thread is gone, or has to go. */
  function lose(message: string): void {
    const lost = worker;
    const loaded = ready;
    worker = undefined;
    ready = false;
    void lost?.terminate();
    if (current) finish(({ path, text }) => (loaded ? refusal(path, message) : parseFile(path, text)));
  }

  function next(): void {
    if (current || waiting.length === 0) return;
    current = waiting.shift()!;
    worker ??= spawn();
    if (ready) send(current);
    else current.timer = setTimeout(() => lose(''), LOAD_MS);
  }

  function send(job: Job): void {
    clearTimeout(job.timer);
    job.timer = setTimeout(() => lose(`takes longer than ${deadlineMs} ms to read`), deadlineMs);
    worker?.postMessage({ id: job.id, path: job.path, text: job.text });
  }

  function spawn(): Worker {
    const self = new Worker(workerUrl, { resourceLimits: { maxOldGenerationSizeMb: WORKER_MEGABYTES } });
    self.unref(); // a job in flight holds the process by its timer
    self.on('message', (reply: Reply) => {
      if (worker !== self) return;
      if (reply.kind === 'ready') {
        ready = true;
        if (current) send(current);
      } else if (current?.id === reply.id) finish(() => reply.parsed);
    });
    self.on('error', () => worker === self && lose('needs more memory to read than a spec may take'));
    self.on('exit', () => worker === self && lose('ended the thread that reads specs'));
    return self;
  }

  return {
    /** Starts the thread before it is needed: loading it takes longer than most texts. */
    warm: (): void => {
      worker ??= spawn();
    },
    parse: (path: string, text: string): Promise<ParsedFile> =>
      new Promise((done) => {
        ids += 1;
        waiting.push({ id: ids, path, text, done });
        next();
      }),
    /** Ends the thread; texts that wait are answered with a problem. */
    close: async (): Promise<void> => {
      const open = worker;
      worker = undefined;
      for (const { path, done } of waiting.splice(0)) done(refusal(path, 'was not read: the reader is closed'));
      finish(({ path }) => refusal(path, 'was not read: the reader is closed'));
      await open?.terminate();
    },
  };
}

const refusal = (path: string, what: string): ParsedFile => ({
  documents: [],
  problems: [whole(path, `this file ${what}`, 'make it smaller, or split it')],
});
