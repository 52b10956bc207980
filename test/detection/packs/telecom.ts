import { aCustomer, weekly } from '../../support/a-customer.js';
import type { PackTwins } from './twins.js';

const monthly = 30;

export const twins: PackTwins = {
  'recharge-overdue': [
    (name) => aCustomer(name).repeats('recharge', monthly, 6, 50).later(35),
    (name) => aCustomer(name).repeats('recharge', monthly, 6, 50).later(25),
  ],
  // Both keep their rhythm; the amount is what tells them apart.
  'recharge-amount-fell': [
    (name) => aCustomer(name).repeats('recharge', monthly, 8, 50).repeats('recharge', monthly, 3, 15),
    (name) => aCustomer(name).repeats('recharge', monthly, 8, 50).repeats('recharge', monthly, 3, 30),
  ],
  'self-care-use-fell': [
    (name) => aCustomer(name).opens(weekly, 17).later(24),
    (name) => aCustomer(name).opens(weekly, 17).later(18).opens(weekly, 1),
  ],
  // The same silence, after a price change and after mere advertising.
  'silent-after-price-change': [
    (name) => aCustomer(name).opens(3, 25).does('price_changed', 59).opens(3, 2).later(12),
    (name) => aCustomer(name).opens(3, 25).does('campaign_sent').opens(3, 2).later(12),
  ],
  // The same silence, after two changes and after one.
  'silent-after-plan-changes': [
    (name) => aCustomer(name).opens(3, 25).does('plan_changed').opens(3, 3).does('plan_changed').opens(3, 1).later(9),
    (name) => aCustomer(name).opens(3, 28).does('plan_changed').opens(3, 1).later(9),
  ],
  'payment-failing': [
    (name) => aCustomer(name).repeats('payment', monthly, 3, 59).repeats('payment_failed', 1, 2).later(1),
    (name) =>
      aCustomer(name).repeats('payment', monthly, 3, 59).repeats('payment_failed', 0.9, 2).does('payment', 59).later(1),
  ],
  'complaint-open-too-long': [
    (name) => aCustomer(name).opens(weekly, 3).does('complaint_opened').later(4),
    (name) => aCustomer(name).opens(weekly, 3).does('complaint_opened').later(2).does('complaint_closed').later(2),
  ],
  'repeated-tickets': [
    (name) => aCustomer(name).opens(weekly, 6).repeats('ticket_opened', 10, 3),
    (name) => aCustomer(name).opens(weekly, 6).repeats('ticket_opened', 15, 3),
  ],
  'waits-too-long': [
    (name) => aCustomer(name).opens(weekly, 3).repeats('waited', 5, 3, 18),
    (name) => aCustomer(name).opens(weekly, 3).repeats('waited', 5, 3, 12),
  ],
  'satisfaction-fell': [
    (name) => aCustomer(name).repeats('csat_answered', monthly, 4, 5).later(35).repeats('csat_answered', 5, 2, 3),
    (name) => aCustomer(name).repeats('csat_answered', monthly, 4, 5).later(35).repeats('csat_answered', 5, 2, 4),
  ],
  'reward-not-credited': [
    (name) => aCustomer(name).opens(weekly, 3).does('reward_owed', 10).later(4),
    (name) => aCustomer(name).opens(weekly, 3).does('reward_owed', 10).later(2).does('reward_credited', 10).later(2),
  ],
  'app-keeps-failing': [
    (name) => aCustomer(name).opens(weekly, 3).repeats('crash', 0.1, 2).repeats('login_failed', 0.1, 3),
    (name) => aCustomer(name).opens(weekly, 3).repeats('crash', 0.1, 1).repeats('login_failed', 0.1, 3),
  ],
};
