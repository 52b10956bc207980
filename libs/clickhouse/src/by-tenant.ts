import type { TenantId } from '#domain';

/** Every query names its tenant: whoever asks about customers of several asks each tenant's for itself. */
export function byTenant<T extends { readonly tenant: TenantId }>(items: readonly T[]): Map<TenantId, T[]> {
  const own = new Map<TenantId, T[]>();
  for (const item of items) {
    const same = own.get(item.tenant);
    if (same) same.push(item);
    else own.set(item.tenant, [item]);
  }
  return own;
}
