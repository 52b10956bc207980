import type { CustomerStory } from '../../support/a-customer.js';
import { aCustomer, weekly } from '../../support/a-customer.js';
import type { PackTwins } from './twins.js';

const fortnightly = 14;

/** Orders every fortnight, each of them sent back. */
const sendsBack = (story: CustomerStory, times: number): CustomerStory => {
  for (let time = 0; time < times; time++) story.does('order', 60).later(5).does('refund', 60).later(9);
  return story;
};

const stocksUp = (story: CustomerStory): CustomerStory =>
  story.does('campaign_redeemed', 20).does('campaign_redeemed', 20).does('order', 200);

export const twins: PackTwins = {
  // Neither buys; only one still looks in.
  'purchase-rhythm-broken': [
    (name) => aCustomer(name).buys(weekly, 12, 40).later(30),
    (name) => aCustomer(name).buys(weekly, 12, 40).later(20).opens(10, 1),
  ],
  // One more order in six weeks on both sides; the basket is what tells them apart.
  'spend-drop': [
    (name) => aCustomer(name).buys(fortnightly, 12, 60).later(35).buys(15, 1, 20),
    (name) => aCustomer(name).buys(fortnightly, 12, 60).later(35).buys(15, 1, 90),
  ],
  // Both look around equally often; one finds something.
  'browses-without-buying': [
    (name) => aCustomer(name).buys(10, 8, 60).later(20).repeats('page_view', 5, 6),
    (name) =>
      aCustomer(name).buys(10, 8, 60).later(20).repeats('page_view', 5, 2).does('order', 60).repeats('page_view', 5, 4),
  ],
  // Both send the last three back; only for one of them is that new.
  'refunds-piling-up': [
    (name) => sendsBack(aCustomer(name).buys(fortnightly, 16, 60), 3),
    (name) => sendsBack(aCustomer(name), 19),
  ],
  // Both bought cheap; one has come back at the full price.
  'post-promotion-drop': [
    (name) => stocksUp(aCustomer(name).buys(fortnightly, 12, 60)).later(50),
    (name) =>
      stocksUp(aCustomer(name).buys(fortnightly, 12, 60))
        .later(35)
        .buys(15, 1, 60),
  ],
  'over-messaged': [
    (name) => aCustomer(name).opens(4, 36).repeats('campaign_sent', 2, 12).later(4),
    (name) => aCustomer(name).opens(4, 36).repeats('campaign_sent', 2, 11).later(6),
  ],
  'no-second-order': [
    (name) => aCustomer(name).does('order', 40).opens(10, 4).later(46),
    (name) => aCustomer(name).does('order', 40).opens(10, 4).later(20).opens(26, 1),
  ],
  'payments-failing': [
    (name) => aCustomer(name).buys(weekly, 4, 40).repeats('payment_failed', 0.01, 3).later(0.6),
    (name) => aCustomer(name).buys(weekly, 4, 40).repeats('payment_failed', 0.01, 3).does('order', 40).later(0.6),
  ],
  'complaint-open-too-long': [
    (name) => aCustomer(name).buys(weekly, 4, 40).does('complaint_opened').later(4),
    (name) => aCustomer(name).buys(weekly, 4, 40).does('complaint_opened').later(2).does('complaint_closed').later(2),
  ],
  'ticket-open-too-long': [
    (name) => aCustomer(name).buys(weekly, 4, 40).does('ticket_opened').later(6),
    (name) => aCustomer(name).buys(weekly, 4, 40).does('ticket_opened').later(4).does('ticket_closed').later(2),
  ],
  'reviews-low': [
    (name) => aCustomer(name).buys(weekly, 4, 40).does('review_posted', 2).later(10).does('review_posted', 2),
    (name) => aCustomer(name).buys(weekly, 4, 40).does('review_posted', 2).later(10).does('review_posted', 3),
  ],
  'reward-not-credited': [
    (name) => aCustomer(name).buys(weekly, 4, 40).does('reward_owed', 10).later(8),
    (name) => aCustomer(name).buys(weekly, 4, 40).does('reward_owed', 10).later(6).does('reward_credited', 10).later(2),
  ],
};
