import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { RunningContainer } from '../../../model/runtime.ts';
import type { CgroupRoots } from '../cgroup.ts';
import { socketBeneath } from './beneath.ts';
import type { Server } from './jupyter-file.ts';
import { dialInNamespace } from './namespace-dial.ts';
import { readNow } from './reading.ts';

const loopback: Record<string, string> = {
  '': '127.0.0.1',
  localhost: '127.0.0.1',
  '127.0.0.1': '127.0.0.1',
  '::1': '::1',
};

/** The container's own addresses from its routing table (`net/fib_trie`), loopback left out. */
export function ownAddresses(fibTrie: string): string[] {
  const found = [...fibTrie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map((match) => match[1]!);
  return [...new Set(found)].filter((address) => !address.startsWith('127.'));
}

async function open(where: NetConnectOpts, signal: AbortSignal): Promise<Duplex> {
  const socket = connect(where);
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * A connection to a server of a container, and to nothing else: what the server says of its address only chooses
 * between the container's loopback and its own address. The latter is dialled from here; where the host has no way to
 * it, and for loopback, the connection is made from inside.
 */
export function makeDial({ procRoot }: CgroupRoots) {
  return async ({ pid }: RunningContainer, server: Server, signal: AbortSignal): Promise<Duplex> => {
    const at = (file: string) => join(procRoot, String(pid), file);
    const { sock, hostname, port } = server;
    if (sock !== '') return socketBeneath(at('root'), sock, (path) => open({ path }, signal));
    const inside = loopback[hostname];
    const [address] = inside === undefined ? ownAddresses(readNow(at('net/fib_trie'))) : [];
    if (address !== undefined) {
      const direct = await open({ host: address, port }, signal).catch(() => undefined);
      if (direct) return direct;
      signal.throwIfAborted();
    }
    return dialInNamespace(at('ns/net'), inside ?? address ?? '127.0.0.1', port);
  };
}
