import { type Duplex, Writable } from 'node:stream';

/** The command's stdin. What is written after the command has ended is dropped, as into a pipe that nobody reads. */
export const makeStdin = (socket: Duplex): Writable =>
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!socket.writable) return done();
      socket.write(chunk, () => done());
    },
    final: (done) => {
      if (socket.writable) socket.end();
      done();
    },
  });
