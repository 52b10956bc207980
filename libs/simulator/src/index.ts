export type { EventFeed } from './feed.js';
export type { HouseholdOptions } from './households.js';
export { openHouseholds } from './households.js';
