import { type Complaint, type Rule, valueAt } from './rule.ts';

export const network: Rule = (leaves) => {
  const allow = valueAt<string[]>(leaves, 'spec.network.allow') ?? [];
  const complaints = allow.flatMap((entry, index): Complaint[] => {
    const [address, port] = entry.split(':') as [string, string];
    const parts = address.split('.');
    const path = `spec.network.allow.${index}`;
    if (parts.some((part) => Number(part) > 255 || part !== `${Number(part)}`)) {
      return [{ path, message: `${address} is not an IPv4 address` }];
    }
    return Number(port) > 65_535 ? [{ path, message: `port ${port} is above 65535` }] : [];
  });
  if (allow.length > 0 && valueAt(leaves, 'spec.network.mode') === 'none') {
    complaints.push({
      path: 'spec.network.mode',
      message: 'network.allow needs a network, and the mode is none',
      suggestion: 'write mode: internet, or allow: []',
    });
  }
  return complaints;
};
