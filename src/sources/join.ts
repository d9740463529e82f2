import { type Scan, type SpecSource, troubleOf } from '../model/source.ts';

type Settled = Extract<Scan, { kind: 'settled' }>;

/**
 * Several sources as one. There is something to go by once each has been settled; from then on one that cannot be read
 * keeps what it had, and does not hold up the others.
 */
export function joinSources(sources: readonly SpecSource[]): SpecSource {
  const scans = new Map<SpecSource, Scan>();
  const settled = new Map<SpecSource, Settled>();
  let listener: (scan: Scan) => Promise<void> = async () => {};
  let telling: Promise<void> = Promise.resolve();

  const joined = (): Scan | undefined => {
    const troubles = sources.flatMap((source) => {
      const scan = scans.get(source);
      return scan && troubleOf(scan) ? [{ scan, ...troubleOf(scan)! }] : [];
    });
    const [trouble] = troubles;
    if (settled.size === sources.length) {
      const all = sources.map((source) => settled.get(source)!);
      const from = all.flatMap((scan) => scan.from ?? []).join(', ');
      const roots = Object.assign({}, ...all.map((scan) => scan.roots)) as Record<string, string>;
      const told = trouble && { reason: trouble.reason, message: trouble.message };
      return {
        kind: 'settled',
        files: all.flatMap(({ files }) => files),
        ...(from !== '' && { from }),
        roots,
        ...(told && { trouble: told }),
      };
    }
    return trouble && { kind: 'unreadable', reason: trouble.reason, message: trouble.message };
  };

  for (const source of sources) {
    source.onScan((scan) => {
      scans.set(source, scan);
      if (scan.kind === 'settled') settled.set(source, scan);
      telling = telling.then(async () => {
        const now = joined();
        if (now !== undefined) await listener(now);
      });
      return telling;
    });
  }
  return {
    onScan: (next) => {
      listener = next;
    },
    start: async () => {
      for (const source of sources) await source.start();
    },
    poke: () => {
      for (const source of sources) source.poke();
    },
    close: async () => {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}
