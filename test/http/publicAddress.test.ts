import { expect } from 'chai';
import * as fc from 'fast-check';
import * as ipaddr from 'ipaddr.js';
import { isPublicAddress } from '../../modules/http/publicAddress';

const PRIVATE = {
  'this machine': ['127.0.0.1', '127.8.9.1', '::1', '0.0.0.0', '0.1.2.3', '::'],
  'a private network': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
  'a link': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  'a provider’s inside': ['100.64.0.1', '100.127.255.255'],
  'a group, or all': ['224.0.0.1', '239.1.1.1', '255.255.255.255', 'ff02::1'],
  'a purpose of its own': [
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '240.0.0.1',
    '2001:db8::1',
    '3fff::1',
    '100::1',
    'fec0::1',
    '5f00::1',
  ],
  'IPv4 in another form': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a00:1',
    '::127.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::808:808',
    '2002:7f00:1::',
    '2001::7f00:1',
  ],
  'no address': ['', 'localhost', '1.2.3', '999.1.1.1', '127.1', '0x7f000001'],
};

describe('An address', () => {
  for (const [kind, addresses] of Object.entries(PRIVATE)) {
    it(`of ${kind} is not public`, () => expect(addresses.filter((address) => isPublicAddress(address, ipaddr))).to.deep.equal([]));
  }

  it('of the internet is public, also mapped or translated', () => {
    const addresses = [
      '8.8.8.8',
      '93.184.216.34',
      '172.15.0.1',
      '172.32.0.1',
      '2606:4700::1111',
      '2a00:1450::1',
      '::ffff:8.8.8.8',
      '64:ff9b::8.8.8.8',
    ];
    expect(addresses.filter((address) => !isPublicAddress(address, ipaddr))).to.deep.equal([]);
  });

  it('of a private network is known in every way that a URL may write it', () => {
    const [first, ...others] = [fc.constantFrom(0, 10, 127), fc.nat(255), fc.nat(255), fc.nat(255)] as const;
    fc.assert(
      fc.property(fc.tuple(first, ...others), ([a, b, c, d]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const hex = [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(':');
        const forms = [`${number}`, `0x${number.toString(16)}`, `0${number.toString(8)}`, `0${a.toString(8)}.0x${b.toString(16)}.${c * 256 + d}`];
        const sixes = [`[::ffff:${hex}]`, `[64:ff9b::${hex}]`, `[::${hex}]`, `[2002:${hex}::]`, `[::ffff:${a}.${b}.${c}.${d}]`];
        const hosts = [...forms, ...sixes].map((form) => new URL(`http://${form}/`).hostname.replace(/^\[|\]$/g, ''));
        expect(hosts.filter((host) => isPublicAddress(host, ipaddr))).to.deep.equal([]);
      }),
    );
  });
});
