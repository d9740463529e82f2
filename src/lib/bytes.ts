const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const;

/** Bytes as people and specs write them: three digits at most and a binary suffix, `1.2Gi`, `512Mi`, `8Gi`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.round(value) >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = value < 9.95 && unit > 0 ? Math.round(value * 10) / 10 : Math.round(value);
  return `${rounded}${units[unit]}`;
}

/** As a word in a sentence, where a number alone would say nothing: `2 bytes`, `1.2Gi`. */
export const sizeText = (bytes: number): string =>
  bytes < 1_000 ? `${bytes} byte${bytes === 1 ? '' : 's'}` : bytesText(bytes);
