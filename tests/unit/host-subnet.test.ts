import { describe, expect, test } from 'vitest';
import { formatAddress, overlaps, parseCidr } from '../../src/reconcilers/host/cidr.ts';
import { parseRoutes } from '../../src/reconcilers/host/routes.ts';
import { bridgeName, chooseSubnet, networkSpec, subnetChoices } from '../../src/reconcilers/host/subnet.ts';

/** As proc(5) has it: default route, a LAN, a VPN's half of everything, a corporate 10/8. */
const table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun0	00000080	00000000	0001	0	0	0	00000080	0	0	0
tun0	0000000A	00000000	0001	0	0	0	000000FF	0	0	0
`;
const free = { routes: [], subnets: [] };

describe('the subnet of the workspace network', () => {
  test('routes are read in the order of the kernel, without those that claim everything', () => {
    const routes = parseRoutes(table).map(({ via, block }) => `${via} ${formatAddress(block.base)}/${block.bits}`);
    expect(routes).toEqual(['eth0 192.0.2.0/24', 'tun0 10.0.0.0/8']);
  });

  test('the first of the list that is free is taken', () => {
    expect(chooseSubnet(null, free)).toEqual({ ok: true, subnet: subnetChoices[0] });
    const choice = chooseSubnet(null, { routes: parseRoutes(table), subnets: ['172.29.0.0/16', 'fd00::/64'] });
    expect(choice).toEqual({ ok: true, subnet: '192.168.208.0/20' });
  });

  test('a configured one that overlaps is refused with what it overlaps', () => {
    const choice = chooseSubnet('10.50.0.0/16', { routes: parseRoutes(table), subnets: [] });
    expect(choice).toMatchObject({ ok: false, reason: 'SubnetOverlaps' });
    expect(choice).toHaveProperty('message', expect.stringContaining('through tun0'));
    expect(chooseSubnet('172.30.5.0/24', { routes: [], subnets: ['172.30.0.0/16'] })).toMatchObject({ ok: false });
    expect(chooseSubnet('172.30.5.0/24', free)).toEqual({ ok: true, subnet: '172.30.5.0/24' });
  });

  test.each(['10.0.0.0', '10.0.0.1/24', '10.0.0.0/31', '0.0.0.0/0', '300.0.0.0/24', 'fd00::/64', ''])(
    '%j is no subnet',
    (text) => {
      expect(chooseSubnet(text, free)).toMatchObject({ ok: false, reason: 'SubnetInvalid' });
    },
  );

  test('when nothing is free it says so', () => {
    const subnets = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
    expect(chooseSubnet(null, { routes: [], subnets })).toMatchObject({ ok: false, reason: 'NoFreeSubnet' });
  });

  test('the built-in ones are blocks that do not overlap each other', () => {
    const blocks = subnetChoices.map((text) => parseCidr(text)!);
    for (const [index, block] of blocks.entries())
      expect(blocks.findIndex((other) => overlaps(block, other))).toBe(index);
  });

  test('names fit into what the kernel allows', () => {
    expect(bridgeName('0123456789abcdef')).toBe('wd-01234567');
    expect(networkSpec('ws-', '0123456789abcdef', '10.213.0.0/20')).toEqual({
      name: 'ws-net',
      bridge: 'wd-01234567',
      subnet: '10.213.0.0/20',
      gateway: '10.213.0.1',
    });
  });
});
