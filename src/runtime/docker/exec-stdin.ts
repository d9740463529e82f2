import { type Duplex, Writable } from 'node:stream';

type Write = Duplex['_write'];

/**
 * Node destroys a socket when a write fails, and with it what was not read yet. The engine closes its end as soon as a
 * command has ended, so `yes | head -1` would lose the line: here a failed write drops its bytes and nothing else.
 */
function keepReading(socket: Duplex): void {
  const write = socket._write.bind(socket);
  const careless: Write = (chunk, encoding, done) => write(chunk, encoding, () => done());
  socket._write = careless;
}

const END_OF_FILE = 0x04; // ctrl-d, as terminals are set when they are made
const lineEnds = [0x0a, 0x0d, END_OF_FILE];

/**
 * The command's stdin. What is written after the command has ended is dropped, as into a pipe that nobody reads.
 *
 * With a terminal its end is ctrl-d, as script(1) does it: a terminal has no end of its own, and Docker (20.10.24)
 * closes the output too when the socket is closed half. In the middle of a line the first one only sends the line.
 */
export function makeStdin(socket: Duplex, { wanted, terminal }: { wanted: boolean; terminal: boolean }): Writable {
  keepReading(socket);
  let last = lineEnds[0]!;
  const send = (bytes: Buffer, done: () => void) => {
    if (wanted && socket.writable) socket.write(bytes, () => done());
    else done();
  };
  const close = () => {
    if (wanted && !terminal && socket.writable) socket.end();
  };
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      last = chunk.at(-1) ?? last;
      send(chunk, done);
    },
    final: (done) => {
      close();
      if (terminal) send(Buffer.alloc(lineEnds.includes(last) ? 1 : 2, END_OF_FILE), done);
      else done();
    },
    destroy: (error, done) => {
      close(); // its client has gone
      done(error);
    },
  });
}
