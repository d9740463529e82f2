import { type Static, type TProperties, Type } from 'typebox';
import { namePattern } from '../model/name.ts';

const closed = <const P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });
const Name = Type.String({ pattern: namePattern });

export const NameParams = closed({ name: Name });
export type NameParams = Static<typeof NameParams>;

/** `?name=ada&name=bob`: any text is allowed, because a name outside the grammar is just not found. */
export const ListQuery = closed({ name: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])) });
export type ListQuery = Static<typeof ListQuery>;

export const PlanQuery = closed({ name: Type.Optional(Name) });
export type PlanQuery = Static<typeof PlanQuery>;

export const EventQuery = closed({
  name: Type.Optional(Name),
  limit: Type.Optional(Type.String({ pattern: '^(0|[1-9][0-9]{0,4})$' })),
});
export type EventQuery = Static<typeof EventQuery>;

export const LogQuery = closed({
  tail: Type.Optional(Type.String({ pattern: '^(0|[1-9][0-9]{0,6})$' })),
  follow: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
});
export type LogQuery = Static<typeof LogQuery>;

/** `forMs`: milliseconds, at most a year; absent = until resumed. */
export const SuspendBody = Type.Union([
  Type.Null(),
  closed({ forMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 366 * 24 * 3600 * 1000 })) }),
]);
export type SuspendBody = Static<typeof SuspendBody>;

/** Any text: what is wrong with a name is said with everything else that is wrong with its spec. */
export const SpecParams = closed({ name: Type.String({ maxLength: 200 }) });
export type SpecParams = Static<typeof SpecParams>;
/** `?ifAbsent=true`: what is declared stays as it is. The body is checked by the rules of spec files. */
export const PutSpecQuery = closed({ ifAbsent: Type.Optional(Type.Enum(['true', 'false'])) });
export type PutSpecQuery = Static<typeof PutSpecQuery>;

/** `forMs`: milliseconds; 0 ends the lease. The config caps it, so that any length may be asked for. */
export const KeepBody = closed({ forMs: Type.Integer({ minimum: 0, maximum: 100 * 366 * 24 * 3600 * 1000 }) });
export type KeepBody = Static<typeof KeepBody>;

/** Minutes, also parts of one. */
export const CleanupBody = closed({
  idleMinutes: Type.Number({ exclusiveMinimum: 0, maximum: 527_040 }),
  dryRun: Type.Optional(Type.Boolean()),
});
export type CleanupBody = Static<typeof CleanupBody>;

/** `withinMs`: milliseconds until it runs again or is put back, at most a day. */
export const UpdateBody = closed({ withinMs: Type.Integer({ minimum: 1_000, maximum: 24 * 3_600_000 }) });
export type UpdateBody = Static<typeof UpdateBody>;

/** Of a held list, or its first digits. */
export const ApproveBody = closed({ hash: Type.String({ minLength: 1, maxLength: 64 }) });
export type ApproveBody = Static<typeof ApproveBody>;
const Home = { home: Name };
export const HomeParams = closed(Home);
export type HomeParams = Static<typeof HomeParams>;
/** A path of the controller's host; `from` may also be the name of an entry or an archive. */
const Place = Type.String({ minLength: 1, maxLength: 4_096, pattern: '^[^\\u0000]*$' });
/** `to`: absolute. */
export const ArchiveBody = Type.Union([
  Type.Null(),
  closed({
    to: Type.Optional(Type.String({ maxLength: 4_096, pattern: '^/[^\\u0000]*[^/\\u0000]$' })),
    keep: Type.Optional(Type.Boolean()),
  }),
]);
export type ArchiveBody = Static<typeof ArchiveBody>;
export const RestoreBody = Type.Union([
  Type.Null(),
  closed({ from: Type.Optional(Place), swap: Type.Optional(Type.Boolean()) }),
]);
export type RestoreBody = Static<typeof RestoreBody>;
export const PurgeBody = closed({ confirm: Type.String({ maxLength: 200 }) });
export type PurgeBody = Static<typeof PurgeBody>;
export const EmptyTrashBody = closed({
  entries: Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 10_000 }),
  confirm: Type.String({ maxLength: 200 }),
});
export type EmptyTrashBody = Static<typeof EmptyTrashBody>;

export const EmptyBody = Type.Union([Type.Null(), closed({})]);
export const NoQuery = closed({});
