import type { CustomerId, EpochMs } from '#domain';

export const rhythms = ['several-daily', 'daily', 'few-weekly', 'weekly', 'fortnightly'] as const;
export type Rhythm = (typeof rhythms)[number];

export const platforms = ['ios', 'android', 'web'] as const;
export type Platform = (typeof platforms)[number];

/** What may happen to a customer; at most one of these to each. */
export const storyKinds = [
  /** Stops at `at`, from one session to the next; nothing after it. */
  'silent-churn',
  /** Comes less and less from `at`; nothing after `until`. */
  'fading-churn',
  /** Stops at `at` and comes back with a session at `until`. */
  'away',
  /** Orders as often as before, for much less, from `at` on. */
  'spend-drop',
  /** Logins fail from `at` until `until`. */
  'login-trouble',
  /** Complains at `at`; nobody ever closes it. */
  'complaint-left-open',
  /** Complains at `at`; closed at `until`. */
  'complaint-closed',
] as const;
export type StoryKind = (typeof storyKinds)[number];

/** What a wider event did to a customer; comes on top of a story. */
export const exposureKinds = [
  /** New: the first event of all is at `at`. */
  'joined',
  /** Had the crashing version on the crashing platform between `at` and `until`. */
  'crash-exposed',
  /** Was exposed, and opened the app less for it between `at` and `until`. */
  'crash-discouraged',
  /** Had the version whose feed was down between `at` and `until`. */
  'feed-outage',
] as const;
export type ExposureKind = (typeof exposureKinds)[number];

/** One thing that was done to a customer, and when. */
export interface Fate {
  readonly kind: StoryKind | ExposureKind;
  readonly at: EpochMs;
  /** When it ended; null when it did not within the span. */
  readonly until: EpochMs | null;
}

export interface CustomerTruth {
  readonly customer: CustomerId;
  readonly rhythm: Rhythm;
  readonly platform: Platform;
  /** App store; empty on the web. */
  readonly channel: string;
  /** Before the feed's start for those who were there already. */
  readonly joinedAt: EpochMs;
  readonly fates: readonly Fate[];
}

/** One version on one platform crashes most of its sessions in [from, until). */
export interface VersionCrash {
  readonly appVersion: string;
  readonly platform: Platform;
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** What one version's users did in [from, until) is not delivered: never (`lost`), or all at once at `until` (`late`). */
export interface FeedOutage {
  readonly appVersion: string;
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly withheld: 'lost' | 'late';
}

export interface Release {
  readonly appVersion: string;
  readonly at: EpochMs;
}

/** What really went on, for judging what Churnwatch made of it. */
export interface GroundTruth {
  /** The whole base, in the order of their numbers. */
  readonly customers: readonly CustomerTruth[];
  /** Oldest first. */
  readonly releases: readonly Release[];
  readonly crash: VersionCrash | null;
  readonly outage: FeedOutage | null;
}
