import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./fuse-server.ts', import.meta.url));

/**
 * Mounts a disk with these files at `path`, which can be told to answer with an error: every call, or those that touch
 * one file. Needs root and FUSE. The nearest thing to an NFS whose server is gone (ESTALE) that a test can have.
 */
export async function lyingDisk(path: string, files: Record<string, string>) {
  const server = spawn(process.execPath, [program, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  const said = async (): Promise<void> => {
    if ((await lines.next()).done) throw new Error('the disk could not be mounted: this test needs root and /dev/fuse');
  };
  await said();
  const order = async (command: object): Promise<void> => {
    server.stdin.write(`${JSON.stringify(command)}\n`);
    await said();
  };
  await order({ files });
  return {
    files: (now: Record<string, string>) => order({ files: now }),
    /** `of`: only this file. Null: as a good disk again. */
    fails: (error: string | null, of?: string) => order({ error, of }),
    /** Holds every call until `goOn`. */
    hang: () => void server.kill('SIGSTOP'),
    goOn: () => void server.kill('SIGCONT'),
    close: async (): Promise<void> => {
      server.kill('SIGCONT');
      execFileSync('umount', ['-l', path]);
      server.kill('SIGKILL');
      await ended;
    },
  };
}
