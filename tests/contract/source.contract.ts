import { expect, onTestFinished, test } from 'vitest';
import type { Scan, SpecFile, SpecSource } from '../../src/model/source.ts';
import { troubleOf } from '../../src/model/source.ts';
import { until } from '../support/until.ts';

/** What people do to specs, wherever they keep them. Paths are below the specs folder. */
export type SpecPlace = {
  write: (path: string, text: string | Buffer) => void;
  link: (path: string, target: string) => void;
  remove: (path: string) => void;
  /** Makes what was written count, where that takes more than writing. */
  publish: () => void;
  /** The source can be read no more; `mend` gives it back. */
  lose: () => void;
  mend: () => void;
  open: () => SpecSource;
};

const deadlineMs = 20_000;

async function watch(place: SpecPlace) {
  const scans: Scan[] = [];
  const source = place.open();
  source.onScan(async (scan) => void scans.push(scan));
  await source.start();
  onTestFinished(() => source.close());
  const files = (): SpecFile[] => {
    const scan = scans.findLast(({ kind }) => kind === 'settled');
    return scan?.kind === 'settled' ? scan.files : [];
  };
  const last = () =>
    Object.fromEntries(
      files().map(({ path, text, error }) => [path.replace(/^.*workspaces\//, ''), text ?? `(${error})`]),
    );
  const trouble = () => scans.at(-1) && troubleOf(scans.at(-1)!);
  return {
    ...{ source, scans, files, last, trouble },
    shows: (expected: Record<string, string>) =>
      until(() => trouble() === undefined && sameEntries(last(), expected), {
        what: () => JSON.stringify([last(), trouble()]),
        deadlineMs,
      }),
  };
}

const sameEntries = (a: Record<string, string>, b: Record<string, string>): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

/** What every source of specs must do: everything that has a meaning for workspaces is decided behind it, once. */
export function sourceContract(label: string, make: () => SpecPlace) {
  test(`${label}: files of all subfolders, in force together; hidden ones and backups are none`, async () => {
    const place = make();
    place.write('ada.yaml', '1\n');
    place.write('team/deep/bob.yml', 'bob\n');
    for (const path of ['README.md', '.hidden.yaml', '.git-ish/x.yaml', 'ada.yaml~', 'ada.yaml.bak'])
      place.write(path, 'no\n');
    place.publish();
    const { shows } = await watch(place);
    await shows({ 'ada.yaml': '1\n', 'team/deep/bob.yml': 'bob\n' });
  });

  test(`${label}: edits, additions, moves and removals arrive`, async () => {
    const place = make();
    place.write('ada.yaml', '1\n');
    place.publish();
    const { shows } = await watch(place);
    await shows({ 'ada.yaml': '1\n' });
    place.write('ada.yaml', '2\n');
    place.write('bob.yaml', 'bob\n');
    place.publish();
    await shows({ 'ada.yaml': '2\n', 'bob.yaml': 'bob\n' });
    place.remove('bob.yaml');
    place.write('moved/bob.yaml', 'bob\n');
    place.publish();
    await shows({ 'ada.yaml': '2\n', 'moved/bob.yaml': 'bob\n' });
    place.remove('moved/bob.yaml');
    place.publish();
    await shows({ 'ada.yaml': '2\n' });
  });

  test(`${label}: what cannot be a spec file is an error beside the others`, async () => {
    const place = make();
    place.write('ada.yaml', '1\n');
    place.write('large.yaml', '0123456789abcdef'.repeat(4_097));
    place.write('just-fits.yaml', '# 3456789abcdef\n'.repeat(4_096));
    place.write('latin1.yaml', Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]));
    place.write('wide.yaml', Buffer.from('\ufeffa', 'utf16le'));
    place.write('marked.yaml', '\ufeffbob\n');
    place.write('empty.yaml', '');
    place.link('outside.yaml', '../../secret.yaml');
    place.publish();
    const { last } = await watch(place);
    await until(() => last()['ada.yaml'] === '1\n' && 'empty.yaml' in last(), { deadlineMs });
    const { 'just-fits.yaml': fits, 'outside.yaml': outside, ...others } = last();
    expect(others).toEqual({
      'ada.yaml': '1\n',
      'large.yaml': '(is larger than 64 KiB: split it into several files)',
      'latin1.yaml': '(is not UTF-8 in line 1: save it as UTF-8)',
      'wide.yaml': '(is UTF-16: save it as UTF-8)',
      'marked.yaml': 'bob\n',
      'empty.yaml': '',
    });
    expect(fits).toHaveLength(65_536);
    expect(outside).toMatch(/^\(is a symlink/);
  });

  test(`${label}: equal bytes have the digest of the bytes, wherever they are`, async () => {
    const place = make();
    place.write('ada.yaml', 'one\n');
    place.publish();
    const { shows, files } = await watch(place);
    await shows({ 'ada.yaml': 'one\n' });
    expect(files()[0]?.sha256).toBe('2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806');
  });

  test(`${label}: one that cannot be read says so, keeps what was in force, and recovers`, async () => {
    const place = make();
    place.write('ada.yaml', '1\n');
    place.publish();
    const { shows, trouble, last } = await watch(place);
    await shows({ 'ada.yaml': '1\n' });
    place.lose();
    await until(() => trouble() !== undefined, { deadlineMs });
    expect(last()).toEqual({ 'ada.yaml': '1\n' });
    expect(trouble()?.message).toMatch(/\S+ \S+/);
    place.mend();
    await shows({ 'ada.yaml': '1\n' });
    place.write('ada.yaml', '2\n');
    place.publish();
    await shows({ 'ada.yaml': '2\n' });
  });

  test(`${label}: says what it is, whatever is in it`, async () => {
    const place = make();
    place.write('ada.yaml', '1\n');
    place.publish();
    const { shows, scans } = await watch(place);
    await shows({ 'ada.yaml': '1\n' });
    place.remove('ada.yaml');
    place.write('bob.yaml', 'bob\n');
    place.publish();
    await shows({ 'bob.yaml': 'bob\n' });
    const roots = scans.flatMap((scan) => (scan.kind === 'settled' ? [scan.roots] : []));
    expect(Object.keys(roots[0] ?? {})).toHaveLength(1);
    expect(new Set(roots.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  test(`${label}: told once, again when poked, and never after close`, async () => {
    const place = make();
    place.write('ada.yaml', '1\n');
    place.publish();
    const { shows, scans, source } = await watch(place);
    await shows({ 'ada.yaml': '1\n' });
    const count = scans.length;
    source.poke();
    await until(() => scans.length > count, { deadlineMs });
    expect(new Set(scans.map((scan) => JSON.stringify(scan))).size).toBe(1);
    await source.close();
    const ended = scans.length;
    place.write('ada.yaml', '2\n');
    place.publish();
    source.poke();
    expect(scans).toHaveLength(ended);
  });

  test(`${label}: a scan waits for the one before it to be taken over`, async () => {
    const place = make();
    place.write('ada.yaml', '1\n');
    place.publish();
    const source = place.open();
    onTestFinished(() => source.close());
    let [inside, most, calls] = [0, 0, 0];
    let release: () => void = () => undefined;
    source.onScan(async () => {
      calls += 1;
      inside += 1;
      most = Math.max(most, inside);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      inside -= 1;
    });
    await source.start();
    await until(() => calls === 1, { deadlineMs });
    source.poke();
    release();
    await until(() => calls === 2, { deadlineMs });
    release();
    expect(most).toBe(1);
  });
}
