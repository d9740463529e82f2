import { describe, expect, test } from 'vitest';
import {
  compareRules,
  desiredRules,
  isEmpty,
  parseRules,
  restoreScript,
} from '../../src/reconcilers/host/firewall-rules.ts';

const uid = '0123456789abcdef';
const wanted = desiredRules(uid, [
  { address: '10.9.0.5', allow: ['192.0.2.7:27000', '169.254.1.2:80'] },
  { address: '10.9.0.6', allow: [] },
]);
const foreign = ['-P INPUT ACCEPT', '-N DOCKER-USER', '-A INPUT -s 10.0.0.1/32 -j DROP', '-A DOCKER-USER -j RETURN'];

/** A table as iptables would list it once everything is in place, quotes and all. */
const inPlace = () => [
  ...['-P INPUT ACCEPT', '-N DOCKER-USER', ...Object.keys(wanted.chains).map((chain) => `-N ${chain}`)],
  ...[wanted.jumps[1]!.rule, '-A INPUT -s 10.0.0.1/32 -j DROP', wanted.jumps[0]!.rule, '-A DOCKER-USER -j RETURN'],
  ...Object.values(wanted.chains).flat(),
];
const quoted = (lines: string[]) => lines.map((line) => line.replace(/--comment (\S+)/, '--comment "$1"')).join('\n');

describe('rules of the network guard', () => {
  test('close neighbours, host and link-local addresses, but for what one workspace may reach', () => {
    const tag = ' -m comment --comment workdock:0123456789abcdef';
    const refuse = '-j REJECT --reject-with icmp-port-unreachable';
    const short = (rule: string) => rule.replace(tag, '').replace(refuse, 'refuse');
    const all = [...Object.values(wanted.chains).flat(), ...wanted.jumps.map(({ rule }) => rule)];
    expect(all.filter((rule) => !rule.includes(tag))).toEqual([]);
    expect(all.map(short)).toEqual([
      '-A WD-01234567-FWD -o wd-01234567 refuse',
      '-A WD-01234567-FWD -s 10.9.0.5/32 -d 169.254.1.2/32 -p tcp -m tcp --dport 80 -j RETURN',
      '-A WD-01234567-FWD -s 10.9.0.5/32 -d 169.254.1.2/32 -p udp -m udp --dport 80 -j RETURN',
      '-A WD-01234567-FWD -d 169.254.0.0/16 refuse',
      '-A WD-01234567-IN -s 10.9.0.5/32 -d 192.0.2.7/32 -p tcp -m tcp --dport 27000 -j ACCEPT',
      '-A WD-01234567-IN -s 10.9.0.5/32 -d 192.0.2.7/32 -p udp -m udp --dport 27000 -j ACCEPT',
      '-A WD-01234567-IN -s 10.9.0.5/32 -d 169.254.1.2/32 -p tcp -m tcp --dport 80 -j ACCEPT',
      '-A WD-01234567-IN -s 10.9.0.5/32 -d 169.254.1.2/32 -p udp -m udp --dport 80 -j ACCEPT',
      '-A WD-01234567-IN -m conntrack ! --ctstate RELATED,ESTABLISHED refuse',
      '-A DOCKER-USER -i wd-01234567 -j WD-01234567-FWD',
      '-A INPUT -i wd-01234567 -j WD-01234567-IN',
    ]);
  });

  test('in place, quoted or not, there is nothing to do', () => {
    expect(isEmpty(compareRules(wanted, parseRules(inPlace().join('\n'))))).toBe(true);
    expect(isEmpty(compareRules(wanted, parseRules(quoted(inPlace()))))).toBe(true);
  });

  test('on a host without them everything is written in one commit', () => {
    const script = restoreScript(wanted, compareRules(wanted, foreign)).trim().split('\n');
    expect([script[0], script.at(-1)]).toEqual(['*filter', 'COMMIT']);
    expect(script).toContain(':WD-01234567-IN - [0:0]');
    expect(script.filter((line) => line.startsWith('-I '))).toEqual(
      wanted.jumps.map(({ rule }) => rule.replace(/^-A (\S+) /, '-I $1 1 ')),
    );
  });

  test('any one line that is missing, moved or added is found', () => {
    for (const index of inPlace().keys()) {
      const without = inPlace().filter((_, at) => at !== index);
      const dropped = inPlace()[index]!;
      const ours = dropped.includes(uid) || /WD-|-[NP] (INPUT|DOCKER-USER)/.test(dropped);
      expect([dropped, isEmpty(compareRules(wanted, without))]).toEqual([dropped, !ours]);
    }
    const opened = [...inPlace(), '-A WD-01234567-IN -j ACCEPT'];
    expect(compareRules(wanted, opened).chains).toEqual(['WD-01234567-IN']);
    const swapped = inPlace().with(-1, inPlace().at(-2)!).with(-2, inPlace().at(-1)!);
    expect(compareRules(wanted, swapped).chains).toEqual(['WD-01234567-IN']);
  });

  test('a rule above the jump that lets packets through sends the jump back to the top', () => {
    const lines = inPlace();
    const opened = lines.toSpliced(lines.indexOf(wanted.jumps[1]!.rule), 0, '-A INPUT -p tcp -j ACCEPT');
    const difference = compareRules(wanted, opened);
    expect([difference.chains, difference.jumps.map(({ chain }) => chain)]).toEqual([[], ['INPUT']]);
    const script = restoreScript(wanted, difference);
    expect(script).toMatch(/-D INPUT -i wd-01234567 .*\n-I INPUT 1 -i wd-01234567 /);
  });

  test('a doubled jump becomes one', () => {
    const twice = [...inPlace(), wanted.jumps[1]!.rule];
    expect(restoreScript(wanted, compareRules(wanted, twice)).match(/^-D /gm)).toHaveLength(2);
  });

  test("a missing chain of the engine's is said, not made", () => {
    const { missingChains } = compareRules(wanted, ['-P INPUT ACCEPT']);
    expect(missingChains).toEqual(['DOCKER-USER']);
  });
});
