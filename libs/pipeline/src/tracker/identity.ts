import xxhash from 'xxhash-wasm';
import type { CustomerId, TenantId } from '#domain';

/** What stays the same when a producer sends an event again. */
export interface Identity {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly source: string;
  readonly id: string;
}

const { h64 } = await xxhash();

/** None of the four may hold a control character, so no two identities share a text. */
export const identityText = ({ tenant, customer, source, id }: Identity): string =>
  `${tenant}\u0000${customer}\u0000${source}\u0000${id}`;

/** XXH64 with seed 0 of the text in UTF-8: the same that the store computes on its side. */
export const identityHash = (identity: Identity): bigint => h64(identityText(identity));
