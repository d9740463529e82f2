/** An RFC 3339 moment as it stands in sentences: to the second. */
export const toTheSecond = (at: string): string => at.replace(/\.\d+Z$/, 'Z');
