import { PassThrough, type Readable } from 'node:stream';

/** Several sources as one, chunk by chunk as they come. A slow reader makes all of them wait. */
export function together(sources: readonly Readable[]): Readable {
  const all = new PassThrough();
  let open = sources.length;
  for (const source of sources) {
    source.pipe(all, { end: false });
    source.once('error', (error) => all.destroy(error));
    source.once('end', () => {
      open -= 1;
      if (open === 0) all.end();
    });
  }
  all.once('close', () => {
    for (const source of sources) source.destroy();
  });
  return all;
}
