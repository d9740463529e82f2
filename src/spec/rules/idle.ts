import { parseDuration } from '../../lib/duration.ts';
import { type Complaint, type Rule, valueAt } from './rule.ts';

const LEAST_TIMEOUT_MS = 1_000;

export const idle: Rule = (leaves) => {
  const complaints: Complaint[] = [];
  const [timeout, warn] = ['timeout', 'warnBefore'].map((key) => valueAt<string>(leaves, `spec.idle.${key}`));
  const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(timeout);
  if (timeoutMs < LEAST_TIMEOUT_MS) {
    const suggestion = 'to switch it off, write enabled: false';
    complaints.push({ path: 'spec.idle.timeout', message: `timeout ${timeout} is below 1s`, suggestion });
  }
  if (warn !== undefined && parseDuration(warn) >= timeoutMs && parseDuration(warn) > 0) {
    const message = `the countdown of ${warn} does not fit into the timeout of ${timeout}`;
    complaints.push({ path: 'spec.idle.warnBefore', message });
  }
  return complaints;
};
