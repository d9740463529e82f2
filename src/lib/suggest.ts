/** Number of single-character edits between two words, counted up to `most` (then `most + 1`). Two swapped are one. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const [above, row] = [rows[i - 1]!, [i]];
    for (let j = 1; j <= b.length; j += 1) {
      const change = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(change, above[j]! + 1, row[j - 1]! + 1, swapped ? rows[i - 2]![j - 2]! + 1 : change));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** The candidate that a person most likely meant: same but for case, else at most a third of its letters wrong. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const most = Math.max(1, Math.floor(Math.min(candidate.length, word.length) / 3));
    const edits = distance(wanted, candidate.toLowerCase(), most);
    if (edits <= most && (best === undefined || edits < best.edits)) best = { candidate, edits };
  }
  return best?.candidate;
}

export const didYouMean = (text: string): string => `did you mean ${text}?`;
