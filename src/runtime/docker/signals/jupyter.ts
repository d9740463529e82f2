import { makeSemaphore, withDeadline } from '../../../lib/async.ts';
import { WorkdockError } from '../../../lib/errors.ts';
import { plain } from '../../../lib/plain-text.ts';
import type { KernelReading, Reading } from '../../../model/idle.ts';
import type { RunningContainer } from '../../../model/runtime.ts';
import type { CgroupRoots } from '../cgroup.ts';
import { makeDial } from './dial.ts';
import { askKernels } from './jupyter-ask.ts';
import { readServer } from './jupyter-file.ts';
import { makeFindServers, type ServerProcess } from './jupyter-find.ts';
import { whyNot } from './reading.ts';

/** For one container with all its servers. */
const DEADLINE_MS = 3_000;
/** Containers asked at once; a server that hangs keeps its place until the deadline. */
const WIDTH = 16;
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

/**
 * What the Jupyter servers of a container say their kernels do. Everything about them is the user's: whatever they
 * write or answer ends in a message, in time. Never throws.
 */
export function makeAskJupyter(roots: CgroupRoots) {
  const findServers = makeFindServers(roots);
  const dial = makeDial(roots);
  const slot = makeSemaphore(WIDTH);
  /** Containers whose files or processes have not answered since an earlier look: they get no second one. */
  const asking = new Set<string>();

  const askOne = async (container: RunningContainer, process: ServerProcess, signal: AbortSignal): Promise<Answer> => {
    let where = `pid ${process.pid} on the host`;
    try {
      process.server ??= await readServer(container.pid, process.pid, roots);
      const { server } = process;
      where = `pid ${server.pid}, ${server.sock === '' ? `port ${server.port}` : server.sock}`;
      const stream = await dial(container, server, signal);
      return { ok: true, value: await askKernels(stream, server, signal) };
    } catch (error) {
      delete process.server; // it may have written another file by then
      const why = signal.aborted ? 'it does not answer; end it if it hangs' : whyNot(error);
      return { ok: false, message: plain(`Jupyter (${where}): ${why}`) };
    }
  };
  const askAll = async (container: RunningContainer, signal: AbortSignal): Promise<Reading<KernelReading>> => {
    const servers = await findServers(container);
    if (servers.length > MOST_SERVERS) return { ok: false, message: `${servers.length} Jupyter servers: end some` };
    return together(await Promise.all(servers.map((process) => askOne(container, process, signal))));
  };
  const late = () =>
    new WorkdockError(
      'ENGINE_TIMEOUT',
      'Jupyter: what is needed to ask it cannot be read, the disk or a process hangs',
      {
        hint: 'see to the disk of the home',
      },
    );

  return async (container: RunningContainer): Promise<Reading<KernelReading>> => {
    const { id } = container;
    if (asking.has(id)) return { ok: false, message: late().message };
    asking.add(id);
    const asked = slot(() => askAll(container, AbortSignal.timeout(DEADLINE_MS))).finally(() => asking.delete(id));
    try {
      return await withDeadline(DEADLINE_MS + 500, () => asked, late);
    } catch (error) {
      return { ok: false, message: plain(whyNot(error)) };
    }
  };
}
