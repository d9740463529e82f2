import { makeSemaphore, withDeadline } from '../../../lib/async.ts';
import { WorkdockError } from '../../../lib/errors.ts';
import { plain } from '../../../lib/plain-text.ts';
import type { KernelReading, Reading } from '../../../model/idle.ts';
import type { RunningContainer } from '../../../model/runtime.ts';
import { makeDial } from './dial.ts';
import { askKernels } from './jupyter-ask.ts';
import { readServer } from './jupyter-file.ts';
import { makeFindServers, type ServerProcess } from './jupyter-find.ts';
import { whyNot } from './reading.ts';
import type { Sources } from './soon.ts';

/** For one container with all its servers; after that what hangs is a read that heeds no signal. */
const DEADLINE_MS = 3_000;
const GRACE_MS = 500;
/** Containers asked at once; a server that hangs keeps its place until the deadline. */
const WIDTH = 16;
/** Reads of homes at once: a disk that hangs takes no more than these from the few threads that read files. */
const DISK_WIDTH = 2;
/** Nobody runs more by themselves; a crowd of them is somebody keeping us busy. */
const MOST_SERVERS = 8;

type Answer = Reading<{ kernels: number; busy: number }>;

/** One server that cannot be asked makes all unknown, unless another says that it computes. */
function together(answers: Answer[]): Reading<KernelReading> {
  const sum = { servers: answers.length, kernels: 0, busy: 0 };
  for (const answer of answers) {
    if (!answer.ok) continue;
    sum.kernels += answer.value.kernels;
    sum.busy += answer.value.busy;
  }
  const silent = answers.find((answer) => !answer.ok);
  return silent && sum.busy === 0 ? silent : { ok: true, value: sum };
}

const closings = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR']);

/** A connection that ends before an answer, which from inside the container is also how a refused one looks. */
const refused = (error: unknown): unknown =>
  closings.has((error as NodeJS.ErrnoException).code ?? '') ? new Error('nobody answers there; restart it') : error;

const hangs = () => {
  const hint = 'see to the disk of the home';
  return new WorkdockError('ENGINE_TIMEOUT', 'Jupyter: the disk of the home hangs, so it cannot be asked', { hint });
};

/**
 * What the Jupyter servers of a container say their kernels do. Everything about them is the user's: whatever they
 * write or answer ends in a message, in time. Never throws. Who asks while it is being asked gets the same answer.
 */
export function makeAskJupyter(sources: Sources) {
  const findServers = makeFindServers(sources);
  const dial = makeDial(sources.roots);
  const [slot, disk] = [makeSemaphore(WIDTH), makeSemaphore(DISK_WIDTH)];
  const asked = new Map<string, Promise<Reading<KernelReading>>>();

  const askOne = async (container: RunningContainer, process: ServerProcess, signal: AbortSignal): Promise<Answer> => {
    let where = `pid ${process.pid} on the host`;
    try {
      process.server ??= await disk(() => readServer(container.pid, process.pid, sources));
      const { server } = process;
      where = `pid ${server.pid}, ${server.sock === '' ? `port ${server.port}` : server.sock}`;
      const stream = await dial(container, server, signal);
      return { ok: true, value: await askKernels(stream, server, signal) };
    } catch (error) {
      delete process.server; // it may have written another file by then
      const why = signal.aborted ? 'it does not answer; end it if it hangs' : whyNot(refused(error));
      return { ok: false, message: plain(`Jupyter (${where}): ${why}`) };
    }
  };

  const askAll = async (container: RunningContainer, servers: ServerProcess[]): Promise<Reading<KernelReading>> => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const all = Promise.all(servers.map((process) => askOne(container, process, signal)));
    // Only what has really ended is begun again.
    const answers = all.finally(() => asked.delete(container.id));
    return together(await withDeadline(DEADLINE_MS + GRACE_MS, () => answers, hangs));
  };

  return async (container: RunningContainer): Promise<Reading<KernelReading>> => {
    try {
      const servers = await findServers(container);
      if (servers.length === 0) return together([]);
      if (servers.length > MOST_SERVERS) return { ok: false, message: `${servers.length} Jupyter servers: end some` };
      const reading = asked.get(container.id) ?? slot(() => askAll(container, servers));
      asked.set(container.id, reading);
      return await reading;
    } catch (error) {
      return { ok: false, message: plain(whyNot(error)) };
    }
  };
}
