import { aCustomer, daily, weekly } from '../../support/a-customer.js';
import type { PackTwins } from './twins.js';

export const twins: PackTwins = {
  'silent-beyond-rhythm': [
    (name) => aCustomer(name).opens(daily, 28).later(9),
    (name) => aCustomer(name).opens(weekly, 6).later(2),
  ],
  'activity-drop': [
    (name) => aCustomer(name).opens(daily, 35).later(5.5).opens(daily, 1).later(0.5),
    (name) => aCustomer(name).opens(daily, 35).opens(2, 4),
  ],
  'crash-spike': [
    (name) => aCustomer(name).opens(daily, 3).repeats('crash', 0.1, 3),
    (name) => aCustomer(name).opens(daily, 3).repeats('crash', 2, 3),
  ],
  'login-failure-spike': [
    (name) => aCustomer(name).opens(daily, 3).repeats('login_failed', 0.01, 4),
    (name) => aCustomer(name).opens(daily, 3).repeats('login_failed', 0.01, 3),
  ],
  'spend-drop': [
    (name) => aCustomer(name).buys(weekly, 12, 40).later(25).buys(weekly, 1, 5),
    (name) => aCustomer(name).buys(weekly, 16, 40),
  ],
  'complaint-open-too-long': [
    (name) => aCustomer(name).opens(daily, 3).does('complaint_opened').later(4),
    (name) => aCustomer(name).opens(daily, 3).does('complaint_opened').later(2).does('complaint_closed').later(2),
  ],
  'update-keeps-failing': [
    (name) => aCustomer(name).opens(daily, 3).repeats('update_failed', 1, 3),
    (name) => aCustomer(name).opens(daily, 3).repeats('update_failed', 4, 3),
  ],
  'app-removed': [
    (name) => aCustomer(name).opens(2, 10).does('app_remove').later(4),
    (name) => aCustomer(name).opens(2, 10).does('app_remove').later(2).does('app_install').later(2),
  ],
  'reviews-low': [
    (name) => aCustomer(name).opens(daily, 3).does('review_posted', 2).later(10).does('review_posted', 1),
    (name) => aCustomer(name).opens(daily, 3).does('review_posted', 2).later(10).does('review_posted', 4),
  ],
  'reward-not-credited': [
    (name) => aCustomer(name).opens(daily, 3).does('reward_owed', 5).later(4),
    (name) => aCustomer(name).opens(daily, 3).does('reward_owed', 5).later(2).does('reward_credited', 5).later(2),
  ],
};
