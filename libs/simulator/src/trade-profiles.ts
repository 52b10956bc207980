import type { Habit, Step, TradeProfile } from './trade-profile.js';

/*
 * What customers of each trade do, in numbers that are plausible and nobody's data. Money in yuan, waits in minutes,
 * scores and stars of 1 to 5. Each type of event that the signals of the trade's pack count comes about.
 */

const minutes = (low: number, high: number): readonly [number, number] => [low / 60, high / 60];
const days = (low: number, high: number): readonly [number, number] => [low * 24, high * 24];

const score: Step = { type: 'csat_answered', chance: 0.3, after: minutes(5, 90), amount: { score: [1, 5] } };
const reward = (chance: number, credited: readonly [number, number]): Step => ({
  type: 'reward_owed',
  chance,
  after: minutes(1, 5),
  followedBy: [{ type: 'reward_credited', chance: 0.98, after: credited }],
});

/** Few complain, and nearly all complaints are closed within three days. */
const complaints: Habit = {
  share: 0.15,
  everyDays: [80, 300],
  spread: 1,
  does: [{ type: 'complaint_opened', followedBy: [{ type: 'complaint_closed', chance: 0.95, after: days(0.3, 2.5) }] }],
};
const tickets: Habit = {
  share: 0.3,
  everyDays: [60, 200],
  spread: 1,
  does: [
    { type: 'ticket_opened', followedBy: [{ type: 'ticket_closed', chance: 0.97, after: days(0.1, 2.5) }, score] },
  ],
};
const cardTrouble: Habit = { share: 0.2, everyDays: [60, 200], spread: 1, does: [{ type: 'payment_failed' }] };
const appTrouble: Habit = {
  share: 0.5,
  everyDays: [30, 120],
  spread: 1,
  does: [
    { type: 'crash', chance: 0.5 },
    { type: 'freeze', chance: 0.3, after: minutes(1, 20) },
    { type: 'login_failed', chance: 0.4, after: minutes(1, 20) },
    { type: 'update_failed', chance: 0.15, after: minutes(1, 60) },
    { type: 'login', after: minutes(1, 30) },
  ],
};
const newPhone: Habit = {
  share: 0.1,
  everyDays: [150, 500],
  spread: 1,
  does: [{ type: 'app_remove', followedBy: [{ type: 'app_install', chance: 0.85, after: [1, 40] }] }],
};
const priceList: Habit = {
  share: 1,
  everyDays: [70, 100],
  spread: 0.2,
  together: true,
  does: [{ type: 'price_changed' }],
};
const campaigns = (everyDays: readonly [number, number], redeemed: number): Habit => ({
  share: 1,
  everyDays,
  spread: 0.1,
  together: true,
  does: [{ type: 'campaign_sent', followedBy: [{ type: 'campaign_redeemed', chance: redeemed, after: [1, 40] }] }],
});

const telecom: TradeProfile = {
  hasApp: true,
  habits: [
    {
      share: 1,
      everyDays: [12, 32],
      spread: 0.15,
      does: [{ type: 'recharge', amount: { money: 50 }, followedBy: [reward(0.1, [0.5, 30])] }],
    },
    // The bill of those who pay afterwards.
    {
      share: 0.4,
      everyDays: [29, 31],
      spread: 0.03,
      does: [{ type: 'payment', amount: { money: 80 } }],
    },
    {
      share: 0.75,
      everyDays: [2, 10],
      spread: 1,
      does: [
        { type: 'app_open' },
        { type: 'session_start', after: minutes(0.01, 0.1) },
        { type: 'login', chance: 0.4, after: minutes(0.1, 0.5) },
        { type: 'page_view', after: minutes(0.2, 3) },
      ],
    },
    // The hotline.
    {
      share: 0.5,
      everyDays: [40, 150],
      spread: 1,
      does: [{ type: 'waited', amount: { minutes: 6 }, followedBy: [score] }],
    },
    { share: 0.15, everyDays: [90, 400], spread: 1, does: [{ type: 'plan_changed' }] },
    cardTrouble,
    tickets,
    complaints,
    appTrouble,
    priceList,
    campaigns([14, 16], 0.06),
  ],
};

const bank: TradeProfile = {
  hasApp: true,
  habits: [
    { share: 1, everyDays: [1.5, 7], spread: 1, does: [{ type: 'payment', amount: { money: 60 } }] },
    // Salaries and pensions.
    { share: 0.8, everyDays: [30, 31], spread: 0.02, does: [{ type: 'deposit', amount: { money: 8_000 } }] },
    { share: 0.9, everyDays: [6, 20], spread: 0.5, does: [{ type: 'withdrawal', amount: { money: 600 } }] },
    {
      share: 0.8,
      everyDays: [2, 8],
      spread: 1,
      does: [
        { type: 'app_open' },
        { type: 'login_failed', chance: 0.03, after: minutes(0.1, 1) },
        { type: 'login', after: minutes(0.1, 1) },
        { type: 'session_start', after: minutes(0.01, 0.1) },
      ],
    },
    // The branch.
    {
      share: 0.35,
      everyDays: [45, 120],
      spread: 0.5,
      does: [{ type: 'waited', amount: { minutes: 14 }, followedBy: [score] }],
    },
    cardTrouble,
    tickets,
    complaints,
    appTrouble,
    newPhone,
    priceList,
  ],
};

const ecommerce: TradeProfile = {
  hasApp: true,
  habits: [
    {
      share: 1,
      everyDays: [2, 7],
      spread: 1,
      does: [
        { type: 'session_start' },
        { type: 'page_view', after: minutes(0.2, 3) },
        { type: 'search', chance: 0.5, after: minutes(0.2, 2) },
        { type: 'page_view', chance: 0.8, after: minutes(0.2, 3) },
        { type: 'add_to_cart', chance: 0.25, after: minutes(0.2, 3) },
      ],
    },
    {
      share: 0.95,
      everyDays: [8, 30],
      spread: 0.5,
      does: [
        { type: 'page_view' },
        { type: 'payment_failed', chance: 0.03, after: minutes(1, 10) },
        {
          type: 'order',
          after: minutes(1, 20),
          amount: { money: 120 },
          followedBy: [
            reward(0.4, days(1, 4)),
            { type: 'review_posted', chance: 0.15, after: days(3, 8), amount: { score: [1, 5] } },
            { type: 'refund', chance: 0.06, after: days(0.5, 3), amount: { money: 60 } },
          ],
        },
      ],
    },
    tickets,
    complaints,
    campaigns([5, 8], 0.05),
  ],
};

const travel: TradeProfile = {
  hasApp: true,
  habits: [
    {
      share: 1,
      everyDays: [4, 18],
      spread: 1,
      does: [
        { type: 'app_open' },
        { type: 'search', after: minutes(0.2, 2) },
        { type: 'search', chance: 0.6, after: minutes(0.5, 6) },
        { type: 'page_view', chance: 0.7, after: minutes(0.2, 5) },
        { type: 'payment_failed', chance: 0.01, after: minutes(1, 10) },
        {
          type: 'booking',
          chance: 0.2,
          after: minutes(1, 20),
          amount: { money: 1_500 },
          followedBy: [
            reward(0.4, days(1, 8)),
            {
              type: 'cancellation',
              chance: 0.08,
              after: days(0.5, 6),
              followedBy: [{ type: 'refund', chance: 0.8, after: days(0.5, 5), amount: { money: 1_200 } }],
            },
            { type: 'waited', chance: 0.1, after: days(5, 25), amount: { minutes: 40 } },
            { type: 'csat_answered', chance: 0.3, after: days(1, 3), amount: { score: [1, 5] } },
            { type: 'review_posted', chance: 0.2, after: days(0.5, 3), amount: { score: [1, 5] } },
          ],
        },
      ],
    },
    complaints,
    appTrouble,
    newPhone,
    priceList,
  ],
};

const merchant: TradeProfile = {
  hasApp: false,
  habits: [
    {
      share: 1,
      everyDays: [2, 12],
      spread: 0.5,
      weekdays: [1.6, 0.8, 0.8, 0.8, 0.8, 1, 1.7],
      does: [
        {
          type: 'order',
          amount: { money: 180 },
          followedBy: [
            { type: 'waited', chance: 0.1, amount: { minutes: 5 } },
            reward(0.1, days(0.1, 4)),
            { type: 'csat_answered', chance: 0.04, after: minutes(5, 600), amount: { score: [1, 5] } },
            { type: 'refund', chance: 0.03, after: days(0.5, 6), amount: { money: 80 } },
          ],
        },
      ],
    },
    cardTrouble,
    complaints,
    campaigns([6.5, 7.5], 0.08),
  ],
};

export const tradeProfiles = { telecom, bank, ecommerce, travel, merchant } as const;
export type TradeName = keyof typeof tradeProfiles;
export const tradeNames = Object.keys(tradeProfiles) as readonly TradeName[];
