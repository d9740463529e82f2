import { makeSemaphore } from '../../src/lib/async.ts';
import { table } from '../../src/lib/table.ts';
import { DEADLINE_MS, type Point, runCrash } from './crash-run.ts';
import { type Scenario, scenarios } from './crash-scenarios.ts';
import type { Call, Moment } from './socket-proxy.ts';

export type Row = { scenario: string; call: Call; when: Moment; result: number | string };

type Planned = { scenario: Scenario; call: Call; point: Point };

const moments: Moment[] = ['before', 'during', 'after'];
const everything = (_call: Call, _when: Moment): boolean => true;
/** One moment of every call, before and after it by turns. */
export const half = ({ number }: Call, when: Moment): boolean => when === (number % 2 === 1 ? 'before' : 'after');
const failed = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** All moments of all calls of one scenario, which is run once without a kill to learn them. */
async function plan(scenario: Scenario): Promise<Planned[]> {
  const { calls } = await runCrash(scenario, null);
  return calls.flatMap((call) => moments.map((when) => ({ scenario, call, point: { at: call.number, when } })));
}

const isLate = ({ result }: Row) => typeof result === 'number' && result > DEADLINE_MS;
/** What anybody has to look into. */
export const isFailure = (row: Row): boolean => typeof row.result === 'string' || isLate(row);

async function rowOf({ scenario, call, point }: Planned): Promise<Row> {
  const outcome = await runCrash(scenario, point).catch((error: unknown): string => failed(error));
  const result = typeof outcome === 'string' ? outcome : outcome.convergedMs;
  return { scenario: scenario.name, call, when: point.when, result };
}

/**
 * Kills the controller at the picked moments of every scenario whose name has `only` in it, several labs at a time. A
 * row's result is the milliseconds until it had converged, or what went wrong. One that was late among others, on a
 * machine that they share, is run once more alone, and that time counts.
 */
export async function crashMatrix({ pick = everything, parallel = 4, only = '' } = {}): Promise<Row[]> {
  const slot = makeSemaphore(parallel);
  const chosen = scenarios.filter(({ name }) => name.includes(only));
  const planned = await Promise.all(chosen.map((scenario) => slot(() => plan(scenario))));
  const picked = planned.flat().filter(({ call, point }) => pick(call, point.when));
  const rows = await Promise.all(picked.map((one) => slot(() => rowOf(one))));
  for (const [at, row] of rows.entries()) if (isLate(row)) rows[at] = await rowOf(picked[at]!);
  return rows;
}

/** One line per call: how long it took to converge after a kill before, during and after it. */
export function renderMatrix(rows: readonly Row[]): string {
  const keys = [...new Set(rows.map(({ scenario, call }) => `${scenario}\t${call.number} ${call.what}`))];
  const cell = (key: string, when: Moment) => {
    const row = rows.find((one) => `${one.scenario}\t${one.call.number} ${one.call.what}` === key && one.when === when);
    if (row === undefined) return '-';
    return typeof row.result === 'string' ? 'FAILED' : `${row.result} ms${isLate(row) ? ' LATE' : ''}`;
  };
  const lines = keys.map((key) => [...key.split('\t'), ...moments.map((when) => cell(key, when))]);
  return table(['SCENARIO', 'CALL', 'BEFORE', 'DURING', 'AFTER'], lines).join('\n');
}
