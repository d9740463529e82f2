import { describe, expect, test } from 'vitest';
import { openEngine } from '../support/engine.ts';
import { dropGuard, iptables, openFirewall } from '../support/guard.ts';
import { hostAddresses, openHostService, openOutside } from '../support/outside.ts';
import { until } from '../support/until.ts';

const command = (...argv: string[]) => ({ kind: 'Argv' as const, argv });

/** An engine with a guard, and a look from inside at one address and port. */
async function openGuarded() {
  const engine = await openEngine();
  const firewall = openFirewall(engine.instanceUid);
  expect(await firewall.ensure([])).toEqual({ ok: true });
  const reaches = async (id: string, address: string, port: number) =>
    (await engine.inside(id, `nc -z -w 3 ${address} ${port}`)).code === 0;
  return { ...engine, firewall, reaches };
}

describe('the network of workspaces', () => {
  test('a neighbour is refused, on any port', async () => {
    const { up, inside, reaches } = await openGuarded();
    const ada = await up();
    const bea = await up({ name: 'bea', command: command('nc', '-lk', '8888') });
    const address = bea.wanted.address ?? '';
    await until(() => reaches(bea.id, '127.0.0.1', 8888), { deadlineMs: 20_000 });
    expect(await reaches(bea.id, address, 8888)).toBe(true);
    expect(await reaches(ada.id, address, 8888)).toBe(false);
    expect((await inside(ada.id, `getent hosts ${bea.wanted.name}`)).stdout).toContain(address);
  });

  test('the host is refused on every address it has, but for what is allowed to this one workspace', async () => {
    const { up, reaches, firewall, network } = await openGuarded();
    const [port, other] = [await openHostService(), await openHostService()];
    const [ada, bea] = [await up(), await up({ name: 'bea' })];
    const all = [...new Set([...hostAddresses(), network.gateway])];
    expect(all).toContain(network.gateway);
    for (const address of all) expect([address, await reaches(ada.id, address, port)]).toEqual([address, false]);

    const entry = { address: ada.wanted.address ?? '', allow: [`${network.gateway}:${port}`] };
    expect(await firewall.ensure([entry])).toEqual({ ok: true });
    expect(await reaches(ada.id, network.gateway, port)).toBe(true);
    expect(await reaches(ada.id, network.gateway, other)).toBe(false);
    expect(await reaches(bea.id, network.gateway, port)).toBe(false);
    expect(await firewall.ensure([])).toEqual({ ok: true });
    expect(await reaches(ada.id, network.gateway, port)).toBe(false);
  });

  test('other machines are reached, link-local addresses are not', async () => {
    const { up, reaches, firewall, instanceUid } = await openGuarded();
    const { address, linkLocal, port } = await openOutside();
    const ada = await up();
    expect(await reaches(ada.id, address, port)).toBe(true);
    expect(await reaches(ada.id, linkLocal, port)).toBe(false);
    expect(await reaches(ada.id, '169.254.169.254', 80)).toBe(false);

    const entry = { address: ada.wanted.address ?? '', allow: [`${linkLocal}:${port}`] };
    expect(await firewall.ensure([entry])).toEqual({ ok: true });
    expect(await reaches(ada.id, linkLocal, port)).toBe(true);
    await dropGuard(instanceUid);
    expect(await reaches(ada.id, linkLocal, port), 'without the rules it would be reached').toBe(true);
  });

  test('with mode none there is nothing but loopback', async () => {
    const { up, inside } = await openGuarded();
    const { id } = await up({ network: { mode: 'none', allow: [] } });
    expect((await inside(id, 'ls /sys/class/net')).stdout).toBe('lo');
  });

  test('there is no IPv6 beside the rules', async () => {
    const { up, inside } = await openGuarded();
    const { id } = await up();
    const { stdout } = await inside(id, "grep -v ' lo$' /proc/net/if_inet6; true");
    expect(stdout).toBe('');
  });
});

describe('the guard', () => {
  test('a removed rule is noticed and put back; without the engine network too', async () => {
    const { firewall, instanceUid } = await openGuarded();
    const uid = instanceUid.slice(0, 8);
    expect(await firewall.check()).toEqual({ ok: true });
    const missing = () => until(async () => !(await firewall.check()).ok, { deadlineMs: 5_000 });
    await iptables('-D', `WD-${uid}-IN`, '1');
    await missing();
    expect(await firewall.check()).toMatchObject({ ok: false, reason: 'RulesMissing' });
    expect(await firewall.ensure([])).toEqual({ ok: true });
    await iptables('-I', 'INPUT', '1', '-i', `wd-${uid}`, '-j', 'ACCEPT');
    await missing();
    expect(await firewall.ensure([])).toEqual({ ok: true });
    expect((await iptables('-S', 'INPUT')).split('\n')[1]).toContain(`workdock:${instanceUid}`);
    await iptables('-D', 'INPUT', '-i', `wd-${uid}`, '-j', 'ACCEPT');
  });

  test('writes nothing when all is in place', async () => {
    const { firewall, instanceUid } = await openGuarded();
    const ours = async () => (await iptables('-S', '-v')).split('\n').filter((rule) => rule.includes(instanceUid));
    const before = await ours();
    expect(before).toHaveLength(5);
    await firewall.ensure([]);
    expect(await ours(), 'counters and order are those of before').toEqual(before);
  });

  test('foreign rules stay as they are', async () => {
    const engine = await openEngine();
    const chain = `T${engine.instanceUid.slice(0, 10)}`;
    const rules = [
      ['DOCKER-USER', '-s', '198.51.100.7/32', '-m', 'comment', '--comment', chain, '-j', 'DROP'],
      ['INPUT', '-s', '198.51.100.8/32', '-m', 'comment', '--comment', chain, '-j', 'DROP'],
    ];
    const theirs = async () => (await iptables('-S')).split('\n').filter((rule) => rule.includes(chain));
    for (const rule of rules) await iptables('-I', ...rule);
    try {
      const before = await theirs();
      const firewall = openFirewall(engine.instanceUid);
      await firewall.ensure([]);
      await firewall.ensure([{ address: engine.address(9), allow: ['192.0.2.9:1'] }]);
      expect(before).toHaveLength(2);
      expect(await theirs()).toEqual(before);
    } finally {
      for (const rule of rules) await iptables('-D', ...rule);
    }
  });
});
