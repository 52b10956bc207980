import type { LookupAddress } from 'node:dns';
import { checkTarget, reachOf } from './target-guard.js';

const stands =
  (...addresses: string[]) =>
  async (): Promise<LookupAddress[]> =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const publicName = stands('93.184.215.14');

describe('a target', () => {
  it.each([
    'not a url',
    '',
    '//example.com',
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'data:text/plain,x',
    'javascript:alert(1)',
    'https://user:pw@example.com/',
    'https://user@example.com/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://１２７.０.０.１/',
    'https://127.0.0.1./',
    'https://0/',
    'https://0.0.0.0/',
    'https://10.1.2.3/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.0.0.1/',
    'https://192.168.1.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::a9fe:a9fe]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:7f00:1::]/',
    'https://[2001:db8::1]/',
    'https://[fc00::1]/',
    'https://[fd12:3456::1]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    'https://[100::1]/',
  ])('%s is refused', async (url) => {
    expect((await checkTarget(url, { allowPrivate: false, resolve: publicName })).kind).toBe('unsafe');
  });

  it.each([
    ['loopback', ['127.0.0.1']],
    ['one private address among public ones', ['93.184.215.14', '10.0.0.7']],
    ['a private address of the other family', ['93.184.215.14', 'fd00::1']],
    ['mapped loopback', ['::ffff:127.0.0.1']],
    ['the metadata address', ['169.254.169.254']],
    ['a zoned address', ['fe80::1%eth0']],
    ['something that is no address', ['metadata.internal']],
  ])('a name that stands for %s is refused', async (_, addresses) => {
    const target = await checkTarget('https://evil.example/', { allowPrivate: false, resolve: stands(...addresses) });
    expect(target.kind).toBe('unsafe');
  });

  it.each([
    ['https://example.com/hook', ['93.184.215.14']],
    ['https://example.com:8443/hook?x=1', ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']],
    ['https://8.8.8.8/', ['8.8.8.8']],
    ['https://[2606:4700:4700::1111]/', ['2606:4700:4700::1111']],
  ])('%s is let through, to the addresses that were checked', async (url, addresses) => {
    const target = await checkTarget(url, { allowPrivate: false, resolve: stands(...addresses) });
    expect(target.kind === 'safe' && target.addresses.map(({ address }) => address)).toEqual(addresses);
  });

  it('is unresolved, not unsafe, while its name has no address', async () => {
    const gone = () => Promise.reject(new Error('ENOTFOUND'));
    expect(await checkTarget('https://example.com/', { allowPrivate: false, resolve: gone })).toEqual({
      kind: 'unresolved',
    });
    expect((await checkTarget('https://example.com/', { allowPrivate: false, resolve: stands() })).kind).toBe(
      'unresolved',
    );
  });

  it.each([
    'http://127.0.0.1:8080/',
    'http://[::1]/',
    'https://10.0.0.1/',
    'http://192.168.0.9/',
    'https://[fd00::1]/',
  ])('%s is let through once own networks are allowed', async (url) =>
    expect((await checkTarget(url, { allowPrivate: true })).kind).toBe('safe'),
  );

  it.each(['http://169.254.169.254/', 'http://0.0.0.0/', 'http://[::]/', 'http://[fe80::1]/', 'http://224.0.0.1/'])(
    '%s is refused even then',
    async (url) => expect((await checkTarget(url, { allowPrivate: true })).kind).toBe('unsafe'),
  );

  it('never takes text that is no address for one', () => {
    for (const text of ['', 'localhost', '1.2.3', '1.2.3.4.5', '8.8.8.8 ', '0x8.8.8.8'])
      expect(reachOf(text)).toBe('never');
  });
});
