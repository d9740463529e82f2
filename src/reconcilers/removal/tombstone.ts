import type { Intent, Tombstone } from '../../model/intent.ts';

/** Changes of an intent, as pure functions for IntentStore.update. Each is a stage: none is taken twice. */

/** A settled scan missed it. Who has no good spec has nothing that could be removed by one. */
export const vanished =
  ({ since, from, of }: Pick<Tombstone, 'since' | 'of'> & { from: string | undefined }) =>
  (intent: Intent): Intent => {
    if (intent.tombstone || !intent.lastGood) return intent;
    return { ...intent, tombstone: { since, ...(from && { from }), ...(of !== undefined && { of }) } };
  };

/** A file declares it again: what was decided about its removal never was. */
export const returned = ({ tombstone: _tombstone, ...intent }: Intent): Intent => intent;

/** Of another tombstone than the one that was judged nothing is known. */
const stage =
  (since: string, change: (tombstone: Tombstone) => Tombstone) =>
  (intent: Intent): Intent =>
    intent.tombstone?.since === since ? { ...intent, tombstone: change(intent.tombstone) } : intent;

export const ripened = (since: string, at: string) =>
  stage(since, (tombstone) => (tombstone.ripeAt ? tombstone : { ...tombstone, ripeAt: at }));

export const expired = (since: string, at: string) =>
  stage(since, (tombstone) => (tombstone.ripeAt && !tombstone.expiredAt ? { ...tombstone, expiredAt: at } : tombstone));

export const approved = (since: string, at: string) =>
  stage(since, (tombstone) => (tombstone.approvedAt ? tombstone : { ...tombstone, approvedAt: at }));

/**
 * Its container is gone. What is left is what a workspace of the same name must not be without: numbers that go on, and
 * the homes it had; one that went to the trash (`trashed`, its source) is not missed. Nothing, when a file came back.
 */
export const removed =
  (at: string, trashed: string | undefined) =>
  (intent: Intent): Intent => {
    const { name, generation, seq, homesSeen = [], toldEnd, renamed, tombstone } = intent;
    if (!tombstone?.expiredAt) return intent;
    const homes = homesSeen.filter((source) => source !== trashed);
    return {
      ...{ schemaVersion: 1, name, generation, seq, digest: '', revisions: {}, removedAt: at },
      ...(homes.length > 0 && { homesSeen: homes }),
      ...(toldEnd && { toldEnd }),
      ...(renamed && { renamed }),
      tombstone,
    };
  };
