import type { EpochMs, EventType } from '#domain';
import { DAY } from '#domain';

/** How far the windows of a customer's past reach back, in days, before they are stretched to the data's pace. */
export const windowDays = [7, 14, 28, 56, 84] as const;

/** What one customer had done up to an instant, counted in windows that end at another, the same or later. */
export interface CustomerPast {
  readonly customer: string;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** Different UTC days with activity. */
  readonly activeDays: number;
  readonly events: number;
  readonly amount: number;
  /** Between two active days that follow each other; 0 with one. */
  readonly longestGapDays: number;
  /** Of each window, the shortest first. */
  readonly windows: readonly {
    readonly activeDays: number;
    readonly events: number;
    readonly amount: number;
    /** What went wrong for them: failures, complaints, refunds. */
    readonly frictions: number;
  }[];
  /** The last of the events that the score is to foretell; null before any, and where it foretells none. */
  readonly markedAt: EpochMs | null;
}

/** How fast customers of these data come and go; learned from what was known before anything is scored. */
export interface Pace {
  /** What a customer's gap may be taken for while nothing is known of them, in days. */
  readonly typicalGapDays: number;
  /** The windows are this many times as long as `windowDays`. */
  readonly stretch: number;
}

export const windowsMs = ({ stretch }: Pace): readonly number[] => windowDays.map((days) => days * stretch * DAY);

/** (span + 3 g) / (n + 2): the own mean gap in days, drawn to the typical one while there are few. As in the rules. */
export const shrunkenGap = ({ firstAt, lastAt, activeDays }: CustomerPast, { typicalGapDays }: Pace): number =>
  ((lastAt - firstAt) / DAY + 3 * typicalGapDays) / (activeDays + 2);

/** What goes wrong for a customer, or what they do who are about to go. */
const frictionTypes: readonly EventType[] = [
  'login_failed',
  'crash',
  'freeze',
  'update_failed',
  'app_remove',
  'payment_failed',
  'refund',
  'cancellation',
  'complaint_opened',
  'ticket_opened',
  'waited',
];

/** What is to be foretold is no friction that foretells it. */
export const frictionsBut = (marked: EventType | null): readonly EventType[] =>
  frictionTypes.filter((type) => type !== marked);
