import { useEffect, useState } from 'preact/hooks';

export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'alerts' }
  | { readonly page: 'customer'; readonly customer: string };

/** Whatever is not understood shows the overview: a mistyped address is no error worth a page. */
export function routeOf(hash: string): Route {
  const path = hash.replace(/^#/, '');
  if (path === '/alerts') return { page: 'alerts' };
  const match = /^\/customers\/(.+)$/.exec(path);
  const customer = match && decoded(match[1]!);
  return customer ? { page: 'customer', customer } : { page: 'overview' };
}

/** Ids come from strangers: half a surrogate pair must not throw. */
export const inAddress = (id: string): string => encodeURIComponent(id.toWellFormed());

export const customerHref = (customer: string): string => `#/customers/${inAddress(customer)}`;

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return routeOf(hash);
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // a lone % in a hand-typed address
  }
}
