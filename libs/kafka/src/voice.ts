import type { Warn } from './connect.js';

/** What a consumer has to tell: passing trouble, and what somebody should look at. */
export interface Voice {
  readonly warn: Warn;
  readonly error: Warn;
}
