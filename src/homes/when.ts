const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
const format = (timeZone: string | undefined) =>
  new Intl.DateTimeFormat('en-GB', {
    ...parts,
    second: '2-digit',
    timeZoneName: 'longOffset',
    ...(timeZone && { timeZone }),
  });

/**
 * Local time with its offset, and the same for programs: `2026-11-24 10:50:05 +0100 (2026-11-24T09:50:05.123Z)`.
 * `timeZone` as TZ names it, `Europe/Zurich`; the host's when it is absent or nobody knows it. Pure but for that.
 */
export function when(at: string, timeZone?: string): string {
  const date = new Date(at);
  let formatter = format(undefined);
  try {
    formatter = format(timeZone?.replace(/^:/, ''));
  } catch {
    // An owner may write anything into TZ.
  }
  const found = Object.fromEntries(formatter.formatToParts(date).map(({ type, value }) => [type, value]));
  const { year, month, day, hour, minute, second, timeZoneName = 'GMT' } = found;
  const offset = timeZoneName === 'GMT' ? '+0000' : timeZoneName.replace(/^GMT|:/g, '');
  const utc = at.replace(/(\.\d{3})\d*Z$/, '$1Z');
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${offset} (${utc})`;
}
