import { customerId, tenantId } from '#domain';
import { byTenant } from './by-tenant.js';

const [shop, bank] = [tenantId('shop'), tenantId('bank')];
const aCustomer = (tenant: typeof shop, name: string) => ({ tenant, customer: customerId(name) });

it('brings each tenant’s customers together, in their order', () => {
  const items = [aCustomer(shop, 'ada'), aCustomer(bank, 'bea'), aCustomer(shop, 'cem')];
  expect([...byTenant(items)]).toEqual([
    [shop, [items[0], items[2]]],
    [bank, [items[1]]],
  ]);
});

it('brings very many in pieces of which each fits into a parameter', () => {
  const items = Array.from({ length: 12_000 }, (_, n) => aCustomer(shop, `${"it's ".repeat(n % 40)}${n}`));
  const pieces = [...byTenant(items)].map(([, piece]) => piece);
  expect(pieces.flat()).toEqual(items);
  for (const piece of pieces) {
    const list = piece.map(({ customer }) => `'${customer.replaceAll("'", "\\'")}'`).join(',');
    expect(Buffer.byteLength(list)).toBeLessThan(100_000);
  }
  expect(pieces.length).toBeLessThan(20);
});
