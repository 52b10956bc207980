import type { CustomerStory } from '../../support/a-customer.js';
import { aCustomer, weekly } from '../../support/a-customer.js';
import type { PackTwins } from './twins.js';

const monthly = 30;

/** Salary in and most of it out again, each month. */
const banksFor = (name: string, months: number): CustomerStory => {
  const story = aCustomer(name);
  for (let month = 0; month < months; month++) story.does('deposit', 3000).later(5).does('withdrawal', 2500).later(25);
  return story;
};

const solvedFor = (story: CustomerStory, times: number): CustomerStory => {
  for (let time = 0; time < times; time++) story.does('ticket_opened').later(2).does('ticket_closed').later(4);
  return story;
};

export const twins: PackTwins = {
  // Both take out a lot; only one has the salary paid in elsewhere.
  'money-leaving': [
    (name) => banksFor(name, 6).later(5).repeats('withdrawal', 5, 2, 3000).later(6),
    (name) => banksFor(name, 6).does('deposit', 3000).later(5).repeats('withdrawal', 5, 2, 3000).later(6),
  ],
  'deposits-overdue': [
    (name) => aCustomer(name).repeats('deposit', monthly, 6, 3000).later(35),
    (name) => aCustomer(name).repeats('deposit', monthly, 6, 3000).later(25),
  ],
  'account-silent': [
    (name) => aCustomer(name).repeats('withdrawal', weekly, 12, 100).later(26),
    (name) => aCustomer(name).repeats('withdrawal', weekly, 12, 100).later(21),
  ],
  'newcomer-gone-quiet': [
    (name) => aCustomer(name).opens(weekly, 3).later(36),
    (name) => aCustomer(name).opens(weekly, 3).later(24).does('deposit', 3000).later(12),
  ],
  // The same large withdrawal, after a new fee and after mere advertising.
  'withdrawals-after-fee-change': [
    (name) =>
      aCustomer(name)
        .repeats('withdrawal', weekly, 14, 100)
        .does('price_changed', 5)
        .later(3)
        .does('withdrawal', 1500)
        .later(6),
    (name) =>
      aCustomer(name)
        .repeats('withdrawal', weekly, 14, 100)
        .does('campaign_sent')
        .later(3)
        .does('withdrawal', 1500)
        .later(6),
  ],
  'locked-out': [
    (name) => aCustomer(name).opens(weekly, 3).repeats('login_failed', 0.01, 3).later(0.6),
    (name) => aCustomer(name).opens(weekly, 3).repeats('login_failed', 0.01, 3).does('login').later(0.6),
  ],
  'system-failures': [
    (name) => aCustomer(name).opens(weekly, 3).repeats('crash', 0.1, 2).repeats('payment_failed', 0.1, 2),
    (name) => aCustomer(name).opens(weekly, 3).repeats('crash', 0.1, 1).repeats('payment_failed', 0.1, 2),
  ],
  'app-removed': [
    (name) => aCustomer(name).opens(weekly, 6).does('app_remove').later(4),
    (name) => aCustomer(name).opens(weekly, 6).does('app_remove').later(2).does('app_install').later(2),
  ],
  'waits-too-long': [
    (name) => aCustomer(name).repeats('deposit', monthly, 3, 3000).repeats('waited', 20, 3, 40),
    (name) => aCustomer(name).repeats('deposit', monthly, 3, 3000).repeats('waited', 20, 3, 25),
  ],
  'complaint-open-too-long': [
    (name) => aCustomer(name).opens(weekly, 3).does('complaint_opened').later(6),
    (name) => aCustomer(name).opens(weekly, 3).does('complaint_opened').later(4).does('complaint_closed').later(2),
  ],
  'tickets-come-back': [
    (name) => solvedFor(aCustomer(name).opens(weekly, 6), 2).does('ticket_opened').later(1),
    (name) => solvedFor(aCustomer(name).opens(weekly, 6), 2).later(1),
  ],
  'satisfaction-low': [
    (name) => aCustomer(name).opens(weekly, 3).does('csat_answered', 3).later(10).does('csat_answered', 2),
    (name) => aCustomer(name).opens(weekly, 3).does('csat_answered', 3).later(10).does('csat_answered', 3),
  ],
};
