import { join } from 'node:path';
import { type Connection, makeEngine } from './connect.ts';
import { label } from './labels.ts';

/**
 * The sentence that the engine gives as evidence of an instance which once used this data folder: a container with our
 * prefix and label whose home lies in it. Null when there is none, or when the engine does not answer.
 */
export async function instanceSeen(prefix: string, dataDir: string, connection?: Connection): Promise<string | null> {
  const filters = { label: [label.instance] };
  const all = await makeEngine(connection)
    .read('list containers', (docker, abortSignal) => docker.listContainers({ all: true, filters, abortSignal }))
    .catch(() => []);
  const users = join(dataDir, 'users/');
  const found = all.find(
    ({ Names, Mounts }) =>
      Names.some((name) => name.startsWith(`/${prefix}`)) && Mounts.some((mount) => mount.Source?.startsWith(users)),
  );
  return found ? `the container ${found.Names[0]?.slice(1)} has its home in ${users}` : null;
}
