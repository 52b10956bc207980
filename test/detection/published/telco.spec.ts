import { expectedMaximumProfit, fitLogistic, predict, qualityOf } from '#scoring';
import { telcoCustomers } from '../../support/telco.js';

describe('the telecom customers, regressed in five folds by the row’s number', () => {
  const customers = telcoCustomers();
  const scored = customers.map(({ label }) => ({ score: 0, label }));
  for (let fold = 0; fold < 5; fold++) {
    const model = fitLogistic(
      customers.filter((_, i) => i % 5 !== fold),
      1e-6,
    )!;
    for (let i = fold; i < customers.length; i += 5) scored[i]!.score = predict(model, customers[i]!.features);
  }

  it('are ranked as well as published', () => {
    const { auc, brier, lift, ece } = qualityOf(scored);
    expect(auc.toFixed(4)).toBe('0.8453');
    expect(brier.toFixed(4)).toBe('0.1354');
    expect(lift.toFixed(2)).toBe('2.88');
    expect(ece).toBeLessThan(0.02);
  });

  it('are worth as much to a campaign as published', () => {
    const { perCustomer, share } = expectedMaximumProfit(scored);
    expect(Math.abs(perCustomer - 10.306)).toBeLessThan(0.05);
    expect(Math.abs(share - 0.519)).toBeLessThan(0.005);
    const perfect = customers.map(({ label }) => ({ score: Number(label), label }));
    expect(expectedMaximumProfit(perfect).perCustomer.toFixed(3)).toBe('14.861');
  });
});
