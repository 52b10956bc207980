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
};
