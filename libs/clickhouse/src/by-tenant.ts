import type { CustomerId, TenantId } from '#domain';

/** Longer lists of values cost more to parse than a second query. */
const mostAtOnce = 5_000;
/** ClickHouse refuses a parameter of more than 128 KiB (`http_max_field_value_size`). */
const mostBytes = 100_000;

/** As an element of a list in a parameter: quoted, escaped, and followed by a comma. */
const bytesOf = (text: string): number => Buffer.byteLength(text) + (text.match(/[\\'\p{Cc}]/gu)?.length ?? 0) + 3;

/**
 * Every query names its tenant: whoever asks about customers of several asks each tenant's for itself, and about very many
 * in pieces, of which each fits into the parameters of one query.
 */
export function* byTenant<T extends { readonly tenant: TenantId; readonly customer: CustomerId }>(
  items: readonly T[],
): Iterable<readonly [TenantId, readonly T[]]> {
  const open = new Map<TenantId, { readonly items: T[]; bytes: number }>();
  for (const item of items) {
    const bytes = bytesOf(item.customer);
    let piece = open.get(item.tenant);
    if (piece !== undefined && (piece.items.length === mostAtOnce || piece.bytes + bytes > mostBytes)) {
      yield [item.tenant, piece.items];
      piece = undefined;
    }
    if (piece === undefined) open.set(item.tenant, (piece = { items: [], bytes: 0 }));
    piece.items.push(item);
    piece.bytes += bytes;
  }
  for (const [tenant, piece] of open) yield [tenant, piece.items];
}
