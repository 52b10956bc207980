import type { TenantId } from '#domain';
import { tenantId } from '#domain';

const onlyTenant = tenantId('default');

/** Whose world a request is about. */
export const tenantOf = (): TenantId => onlyTenant;
