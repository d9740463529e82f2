import { Readable } from 'node:stream';

/** What a reader gets, and the writing end that waits for the reader. */
export type Outlet = {
  stream: Readable;
  /** Resolves when the reader wants more, or has gone: what comes then is dropped. */
  write: (bytes: Buffer) => Promise<void>;
  /** From now on so many bytes are held for the reader before a write waits. */
  allow: (bytes: number) => void;
  /** True when a write has waited for the reader since this was last asked. */
  waited: () => boolean;
  /** With an error the reader gets it instead of the end. Twice is once. */
  end: (error?: Error) => void;
  /** The reader left before the end. */
  abandoned: () => boolean;
};

/** `onWait` is told of every write that has to wait. */
export function makeOutlet(onWait = () => {}): Outlet {
  let wake = () => {};
  let allowedBytes = 0;
  let waiting = false;
  let waited = false;
  let over = false;
  const stream = new Readable({
    read: () => wake(),
    destroy: (error, done) => {
      wake();
      done(error);
    },
  });
  stream.on('error', () => {}); // a reader that looks for it gets it; one that has left must not end the process
  return {
    stream,
    write: async (bytes) => {
      if (stream.destroyed || stream.push(bytes) || stream.readableLength < allowedBytes) return;
      waited = waiting = true;
      onWait();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      waiting = false;
    },
    allow: (bytes) => {
      allowedBytes = bytes;
      wake();
    },
    waited: () => {
      const before = waited;
      waited = waiting;
      return before;
    },
    end: (error) => {
      if (over || stream.destroyed) return;
      over = true;
      if (error) stream.destroy(error);
      else stream.push(null);
    },
    abandoned: () => stream.destroyed && !stream.readableEnded,
  };
}
