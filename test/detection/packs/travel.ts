import type { CustomerStory } from '../../support/a-customer.js';
import { aCustomer, daily } from '../../support/a-customer.js';
import type { PackTwins } from './twins.js';

const monthly = 30;
const yearly = 365;

/** A journey every four months, each of them after three days of searching. */
const searchesAndBooks = (story: CustomerStory, times: number): CustomerStory => {
  for (let time = 0; time < times; time++) story.repeats('search', 2, 3).does('booking', 800).later(114);
  return story;
};

/** Looks around in January and books; looks in once more before the year is over. */
const plansTheYear = (name: string): CustomerStory =>
  aCustomer(name).repeats('search', 10, 4).does('booking', 900).later(290).repeats('search', 5, 1);

/** One journey made, and the next given up three weeks after it was booked. */
const cancelsTheJourney = (name: string): CustomerStory =>
  aCustomer(name).repeats('booking', 380, 1, 800).does('booking', 800).later(20).does('cancellation');

const fallsThrough = (story: CustomerStory): CustomerStory =>
  story.does('booking', 800).later(30).does('refund', 800).later(60);

const cancels = (story: CustomerStory): CustomerStory =>
  story.does('booking', 800).later(27).does('cancellation').later(3).does('refund', 800).later(60);

export const twins: PackTwins = {
  // The same silence, after journeys all year round and after two seasons with a pause between them.
  'booking-rhythm-broken': [
    (name) => aCustomer(name).repeats('booking', monthly, 14, 400).later(170),
    (name) =>
      aCustomer(name).repeats('booking', monthly, 6, 400).later(185).repeats('booking', monthly, 6, 400).later(170),
  ],
  // Both are late this year; one for good.
  'season-missed': [
    (name) => aCustomer(name).repeats('booking', yearly, 3, 2000).later(50),
    (name) => aCustomer(name).repeats('booking', yearly, 3, 2000).later(40).does('booking', 2000).later(10),
  ],
  // As few journeys on both sides; what they cost tells them apart.
  'spend-below-last-year': [
    (name) => aCustomer(name).repeats('booking', monthly, 13, 500).later(80).repeats('booking', 85, 2, 300),
    (name) => aCustomer(name).repeats('booking', monthly, 13, 500).later(80).repeats('booking', 85, 2, 900),
  ],
  // Both search equally often; one finds something.
  'searches-without-booking': [
    (name) => searchesAndBooks(aCustomer(name), 4).repeats('search', 5, 11),
    (name) => searchesAndBooks(aCustomer(name), 4).repeats('search', 5, 5).does('booking', 800).repeats('search', 5, 6),
  ],
  'cancelled-and-not-rebooked': [
    (name) => cancelsTheJourney(name).later(35),
    (name) => cancelsTheJourney(name).later(20).does('booking', 800).later(15),
  ],
  // Both get their money back twice; only one of them asked for it.
  'refunded-for-failures': [
    (name) => fallsThrough(fallsThrough(aCustomer(name))),
    (name) => cancels(cancels(aCustomer(name))),
  ],
  // Out and back.
  'delays-pile-up': [
    (name) => aCustomer(name).does('booking', 800).later(60).repeats('waited', 10, 2, 120),
    (name) => aCustomer(name).does('booking', 800).later(60).repeats('waited', 10, 2, 60),
  ],
  'complaint-open-too-long': [
    (name) => aCustomer(name).does('booking', 800).later(60).does('complaint_opened').later(4),
    (name) =>
      aCustomer(name)
        .does('booking', 800)
        .later(60)
        .does('complaint_opened')
        .later(2)
        .does('complaint_closed')
        .later(2),
  ],
  // The same silence, after a price change and after mere advertising.
  'silent-after-price-change': [
    (name) => plansTheYear(name).does('price_changed', 950).later(95),
    (name) => plansTheYear(name).does('campaign_sent').later(95),
  ],
  'payments-failing': [
    (name) => aCustomer(name).repeats('search', daily, 3).repeats('payment_failed', 0.01, 3).later(0.3),
    (name) =>
      aCustomer(name).repeats('search', daily, 3).repeats('payment_failed', 0.01, 3).does('booking', 800).later(0.3),
  ],
  'reward-not-credited': [
    (name) => aCustomer(name).does('booking', 800).later(60).does('reward_owed', 500).later(15),
    (name) =>
      aCustomer(name)
        .does('booking', 800)
        .later(60)
        .does('reward_owed', 500)
        .later(12)
        .does('reward_credited', 500)
        .later(3),
  ],
  'app-keeps-failing': [
    (name) => aCustomer(name).opens(daily, 3).repeats('crash', 0.1, 2).repeats('login_failed', 0.1, 3),
    (name) => aCustomer(name).opens(daily, 3).repeats('crash', 0.1, 1).repeats('login_failed', 0.1, 3),
  ],
  // Used on as many days, all year round and on one journey.
  'app-removed': [
    (name) => aCustomer(name).opens(21, 18).does('app_remove').later(8),
    (name) => aCustomer(name).does('booking', 800).later(360).opens(daily, 18).does('app_remove').later(8),
  ],
  // Both had a bad journey; the next was no better for one of them.
  'satisfaction-low': [
    (name) => aCustomer(name).does('csat_answered', 2).does('review_posted', 2).later(120).does('csat_answered', 3),
    (name) => aCustomer(name).does('csat_answered', 2).does('review_posted', 2).later(120).does('csat_answered', 4),
  ],
};
