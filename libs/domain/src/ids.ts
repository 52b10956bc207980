declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Owner of a separate world of customers. Every stored row carries it. */
export type TenantId = Brand<string, 'TenantId'>;
/** The customer as the source systems name them; unique within a tenant. */
export type CustomerId = Brand<string, 'CustomerId'>;
export type RuleId = Brand<string, 'RuleId'>;
/** Same for every re-send of one logical alert: a hash of tenant, customer, rule and episode. */
export type AlertId = Brand<string, 'AlertId'>;
export type IncidentId = Brand<string, 'IncidentId'>;

export const tenantId = (value: string): TenantId => value as TenantId;
export const customerId = (value: string): CustomerId => value as CustomerId;
export const ruleId = (value: string): RuleId => value as RuleId;
export const alertId = (value: string): AlertId => value as AlertId;
export const incidentId = (value: string): IncidentId => value as IncidentId;

/** Customers of different tenants never share a key. */
export const customerKey = (tenant: TenantId, customer: CustomerId): string => `${tenant}\u0000${customer}`;
