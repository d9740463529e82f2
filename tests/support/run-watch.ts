import type { Readable } from 'node:stream';
import type Docker from 'dockerode';

type EngineEvent = { Action: string; Actor: { ID: string; Attributes: Partial<Record<string, string>> } };

/** Counts the workspace containers of a lab from the engine's own events: no moment is missed between two looks. */
export async function watchRuns(docker: Docker, prefix: string) {
  const filters = { type: ['container'], event: ['create', 'start', 'die'], label: ['dev.workdock.name'] };
  const stream = (await docker.getEvents({ filters: JSON.stringify(filters) } as object)) as Readable;
  const running = new Map<string, Set<string>>();
  const created: string[] = [];
  let most = 0;
  let rest = '';
  const take = ({ Action, Actor: { ID, Attributes } }: EngineEvent) => {
    const name = Attributes['dev.workdock.name'] ?? '';
    if (!Attributes['name']?.startsWith(prefix)) return;
    const set = running.get(name) ?? new Set();
    running.set(name, set);
    if (Action === 'create') created.push(ID);
    else if (Action === 'start') set.add(ID);
    else set.delete(ID);
    most = Math.max(most, set.size);
  };
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') take(JSON.parse(line) as EngineEvent);
  });
  stream.on('error', () => undefined);
  return {
    /** Containers made so far. */
    created: () => created.length,
    /** The most containers of one workspace that ran at the same time. */
    mostAtOnce: () => most,
    close: () => void stream.destroy(),
  };
}
