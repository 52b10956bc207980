import type { CustomerStory } from '../../support/a-customer.js';

/** For each rule of a pack somebody on whom it must fire, and somebody much alike on whom it must not. */
export type PackTwins = Readonly<
  Record<string, readonly [leaving: (name: string) => CustomerStory, healthy: (name: string) => CustomerStory]>
>;
