import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Every address a name stands for. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;
export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true, verbatim: true });

export type Target =
  | { readonly kind: 'safe'; readonly url: URL; readonly addresses: readonly LookupAddress[] }
  | { readonly kind: 'unsafe'; readonly why: string }
  | { readonly kind: 'unresolved' };

const listOf = (family: 'ipv4' | 'ipv6', ...ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [net, bits] = range.split('/');
    list.addSubnet(net!, Number(bits), family);
  }
  return list;
};

// The IANA special-purpose registries. Own networks can be allowed, the rest never is a receiver's address:
// link-local is where clouds keep their credentials.
const own4 = listOf('ipv4', '10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10');
const special4 = listOf(
  'ipv4',
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
);
const own6 = listOf('ipv6', '::1/128', 'fc00::/7');
// Only global unicast is let through, so mapped, NAT64, link-local and multicast addresses need no line of their own.
const global6 = listOf('ipv6', '2000::/3');
// Those within it that hide another address (Teredo, 6to4) or lead nowhere.
const special6 = listOf('ipv6', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20');

export type Reach = 'public' | 'own' | 'never';

export function reachOf(address: string): Reach {
  switch (isIP(address)) {
    case 4:
      if (own4.check(address, 'ipv4')) return 'own';
      return special4.check(address, 'ipv4') ? 'never' : 'public';
    case 6:
      // A zone ("fe80::1%eth0") only makes sense on the local link.
      if (address.includes('%')) return 'never';
      if (own6.check(address, 'ipv6')) return 'own';
      return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6') ? 'public' : 'never';
    default:
      return 'never';
  }
}

/**
 * Whether a request may go to `url`, and to which addresses. All of a name's addresses must be allowed, and the
 * request must connect to these and ask no resolver again: a name can stand for something else a moment later.
 */
export async function checkTarget(
  url: string,
  options: { readonly allowPrivate: boolean; readonly resolve?: Resolve },
): Promise<Target> {
  const { allowPrivate, resolve = systemResolve } = options;
  const shape = checkShape(url, allowPrivate);
  if (shape.kind === 'unsafe') return shape;
  const hostname = shape.url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(hostname);
  let addresses: readonly LookupAddress[];
  try {
    addresses = family === 0 ? await resolve(hostname) : [{ address: hostname, family }];
  } catch {
    return { kind: 'unresolved' };
  }
  if (addresses.length === 0) return { kind: 'unresolved' };
  const allowed = ({ address }: LookupAddress): boolean => {
    const reach = reachOf(address);
    return reach === 'public' || (reach === 'own' && allowPrivate);
  };
  if (addresses.every(allowed)) return { kind: 'safe', url: shape.url, addresses };
  return { kind: 'unsafe', why: 'the address is not on the public internet' };
}

/** What can be said of the URL before any name is resolved. */
export function checkShape(
  url: string,
  allowPrivate: boolean,
): { readonly kind: 'shaped'; readonly url: URL } | { readonly kind: 'unsafe'; readonly why: string } {
  if (!URL.canParse(url)) return { kind: 'unsafe', why: 'not a URL' };
  const parsed = new URL(url);
  const allowed = allowPrivate ? ['https:', 'http:'] : ['https:'];
  if (!allowed.includes(parsed.protocol)) return { kind: 'unsafe', why: `only ${allowed.join(' and ')} may be used` };
  if (parsed.username !== '' || parsed.password !== '') return { kind: 'unsafe', why: 'credentials in the URL' };
  return { kind: 'shaped', url: parsed };
}
