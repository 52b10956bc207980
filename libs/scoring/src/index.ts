// In the order of the story: what somebody did, what a model makes of it, how good that is.
export type { PurchaseHistory } from './purchases/purchase-history.js';
export type { Fit } from './purchases/fit.js';
export type { BgParameters } from './purchases/bg-nbd.js';
export { bgAlive, bgExpected, bgExpectedNext, bgNone, fitBgNbd } from './purchases/bg-nbd.js';
export { fitMbgNbd, mbgAlive, mbgExpected, mbgExpectedNext, mbgNone } from './purchases/mbg-nbd.js';
export type { ParetoParameters } from './purchases/pareto-nbd.js';
export { fitParetoNbd, paretoAlive, paretoExpected, paretoExpectedNext, paretoNone } from './purchases/pareto-nbd.js';
export type { GammaGammaParameters, Spending } from './purchases/gamma-gamma.js';
export { expectedSpend, fitGammaGamma } from './purchases/gamma-gamma.js';
export type { Example, LogisticModel } from './hazard/logistic.js';
export { chance, contributions, fitLogistic, logit, predict } from './hazard/logistic.js';
export type { CalibrationPart, Quality, Scored } from './metrics/quality.js';
export { calibration, precisionAt, qualityOf, Ranking } from './metrics/quality.js';
export type { Interval } from './metrics/bootstrap.js';
export { Bootstrap, interval, seeded } from './metrics/bootstrap.js';
export type { Campaign, MaximumProfit } from './metrics/profit.js';
export { expectedMaximumProfit, usualCampaign } from './metrics/profit.js';
