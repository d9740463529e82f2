export type Figures = { median: number; min: number; max: number };
/** One line of the table and of bench/results.json. */
export type Row = { name: string; unit: string; ours: Figures; peer: Figures; ratio: number };

type Pair = {
  name: string;
  unit: string;
  /** Measure once each and return the figure in `unit`. */
  ours: () => Promise<number>;
  peer: () => Promise<number>;
  pairs: number;
};

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const figures = (values: number[]): Figures => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/**
 * Two measures in turn, A B then B A, so that a machine that drifts drifts for both. The ratio is the median of the
 * pairs' own ratios: single times on a shared machine mean little.
 */
export async function paired({ name, unit, ours, peer, pairs }: Pair): Promise<Row> {
  const a: number[] = [];
  const b: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const turn = [async () => void a.push(await ours()), async () => void b.push(await peer())];
    for (const measure of pair % 2 === 0 ? turn : turn.toReversed()) await measure();
    process.stderr.write(
      `${name} ${pair + 1}/${pairs}: ${a.at(-1)?.toFixed(2)} against ${b.at(-1)?.toFixed(2)} ${unit}\n`,
    );
  }
  const ratios = a.map((value, i) => value / b[i]!);
  return { name, unit, ours: figures(a), peer: figures(b), ratio: median(ratios) };
}
