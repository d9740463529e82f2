const RUNS = 36 ** 4;

/**
 * Ids of passes: `k3f9-17` is the seventeenth of this run of the controller; another run begins with other letters.
 * `random`: 0 <= r < 1.
 */
export function makePassIds(random: () => number): () => string {
  const run = Math.floor(random() * RUNS)
    .toString(36)
    .padStart(4, '0');
  let count = 0;
  return () => {
    count += 1;
    return `${run}-${count}`;
  };
}
