import { aCustomer, weekly } from '../../support/a-customer.js';
import type { PackTwins } from './twins.js';

export const twins: PackTwins = {
  'silent-beyond-rhythm': [
    (name) => aCustomer(name).buys(weekly, 12, 30).later(50),
    (name) => aCustomer(name).buys(weekly, 12, 30).later(14),
  ],
  'visits-drop': [
    (name) => aCustomer(name).buys(weekly, 16, 30).later(35),
    (name) => aCustomer(name).buys(weekly, 16, 30).buys(14, 2, 30),
  ],
  'spend-drop': [
    (name) => aCustomer(name).buys(weekly, 16, 30).later(14).buys(weekly, 2, 1),
    (name) => aCustomer(name).buys(weekly, 16, 30).later(14).buys(weekly, 2, 60),
  ],
  'payment-failure-spike': [
    (name) => aCustomer(name).buys(weekly, 4, 30).repeats('payment_failed', 0.01, 3),
    (name) => aCustomer(name).buys(weekly, 4, 30).repeats('payment_failed', 0.01, 2),
  ],
  'complaint-open-too-long': [
    (name) => aCustomer(name).buys(weekly, 4, 30).does('complaint_opened').later(4),
    (name) => aCustomer(name).buys(weekly, 4, 30).does('complaint_opened').later(2),
  ],
  'goods-brought-back': [
    (name) => aCustomer(name).buys(weekly, 22, 30).repeats('refund', 5, 3, 20).buys(weekly, 1, 30).later(20),
    (name) => aCustomer(name).buys(weekly, 22, 30).repeats('refund', 5, 2, 20).buys(weekly, 1, 30).later(20),
  ],
  'waits-too-long': [
    (name) => aCustomer(name).buys(weekly, 4, 30).repeats('waited', 7, 3, 18),
    (name) => aCustomer(name).buys(weekly, 4, 30).repeats('waited', 7, 3, 12),
  ],
  'satisfaction-low': [
    (name) => aCustomer(name).buys(weekly, 4, 30).does('csat_answered', 3).later(10).does('csat_answered', 2),
    (name) => aCustomer(name).buys(weekly, 4, 30).does('csat_answered', 3).later(10).does('csat_answered', 3),
  ],
  'reward-not-credited': [
    (name) => aCustomer(name).buys(weekly, 4, 30).does('reward_owed', 10).later(8),
    (name) => aCustomer(name).buys(weekly, 4, 30).does('reward_owed', 10).later(6).does('reward_credited', 10).later(2),
  ],
};
