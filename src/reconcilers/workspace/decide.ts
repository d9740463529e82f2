import type { SpecState } from '../../model/desired.ts';
import type { Mark, Tombstone } from '../../model/intent.ts';
import { goneText } from '../../model/removal.ts';
import type { Decision, HoldReason } from '../../model/target.ts';

/** All that the run state depends on. The clock is not among it: marks are ordered by number. */
export type DecideInput = {
  /** The first settled scan after the start has happened. */
  settled: boolean;
  /** Reasons that stop every step, in the order they are told. */
  holds: { reason: HoldReason; message: string }[];
  specState: SpecState;
  mark: Mark | undefined;
  /** Of a name that no file declares. */
  tombstone: Tombstone | undefined;
};

const because = (mark: Mark) => (mark.by === 'access' && mark.evidence !== undefined ? mark.evidence : markText(mark));

/** Who decided it, and when. */
export function markText(mark: Mark): string {
  const by = { start: 'started by a person', stop: 'stopped by a person', access: 'woken by access' };
  const other = { idle: 'put to rest while idle', schedule: 'by schedule' };
  return `${{ ...by, ...other }[mark.by]} at ${mark.at}`;
}

/** One register (the latest mark) under ceilings (holds, spec.state). Design 3, "Run state". */
export function decide({ settled, holds, specState, mark, tombstone }: DecideInput): Decision {
  if (!settled) return { kind: 'hold', reason: 'SourceUnsettled', message: 'no settled scan of the specs yet' };
  const hold = holds[0];
  if (hold) return { kind: 'hold', reason: hold.reason, message: hold.message };
  const gone = tombstone && goneText({ since: tombstone.since });
  if (gone && tombstone.expiredAt) return { kind: 'run', run: 'Absent', because: gone };
  if (gone && tombstone.ripeAt) return { kind: 'run', run: 'Stopped', because: gone };
  if (specState === 'Stopped') return { kind: 'run', run: 'Stopped', because: 'spec.state Stopped' };
  // A mark made against another spec.state is older than the file's last word and is dropped.
  if (mark && mark.forState === specState) return { kind: 'run', run: mark.run, because: because(mark) };
  if (specState === 'OnDemand') return { kind: 'run', run: 'Stopped', because: 'OnDemand: nobody entered it yet' };
  return { kind: 'run', run: 'Running', because: 'spec.state Running' };
}
