const HEADER_BYTES = 8;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Splits what the engine sends for a command without a terminal: frames of 8 bytes (stream, 0, 0, 0, length as a
 * big-endian number) and their payload, cut anywhere. `each` is awaited, so a slow taker stops the source. Stream 1 is
 * stdout, 2 is stderr, 3 an error of the engine.
 */
export async function splitFrames(
  source: AsyncIterable<Buffer>,
  each: (stream: number, bytes: Buffer) => Promise<void>,
): Promise<void> {
  let header = EMPTY;
  let stream = 0;
  let left = 0;
  for await (let chunk of source) {
    while (chunk.length > 0) {
      if (left === 0) {
        const more = chunk.subarray(0, HEADER_BYTES - header.length);
        chunk = chunk.subarray(more.length);
        header = header.length === 0 ? more : Buffer.concat([header, more]);
        if (header.length < HEADER_BYTES) break;
        stream = header[0]!;
        left = header.readUInt32BE(4);
        header = EMPTY;
        continue;
      }
      const bytes = chunk.subarray(0, left);
      chunk = chunk.subarray(bytes.length);
      left -= bytes.length;
      await each(stream, bytes);
    }
  }
}
