export type { EventFeed } from './feed.js';
export type { HouseholdOptions } from './households.js';
export { openHouseholds } from './households.js';
export type { TradeBase, TradeBaseOptions, TradeCustomer } from './trade-base.js';
export { simulateTrade } from './trade-base.js';
export type { TradeName } from './trade-profiles.js';
export { tradeNames } from './trade-profiles.js';
export type { AppBase } from './app-base.js';
export { simulate } from './app-base.js';
export type { AppBaseOptions } from './app-plan.js';
export { defaultShares } from './app-plan.js';
export type {
  CustomerTruth,
  ExposureKind,
  Fate,
  FeedOutage,
  GroundTruth,
  Platform,
  Release,
  Rhythm,
  StoryKind,
  VersionCrash,
} from './ground-truth.js';
