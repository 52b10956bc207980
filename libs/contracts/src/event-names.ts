import { eventTypes } from '#domain';
import type { EventType } from '#domain';

/** Names under which Segment's and GA4's SDKs send what Churnwatch calls otherwise; written as `spelling` leaves them. */
const otherNames: Readonly<Record<string, EventType>> = {
  // Segment: mobile lifecycle, e-commerce, B2B
  application_installed: 'app_install',
  application_opened: 'app_open',
  application_foregrounded: 'app_open',
  application_crashed: 'crash',
  application_uninstalled: 'app_remove',
  signed_in: 'login',
  signed_up: 'app_install',
  login_succeeded: 'login',
  product_viewed: 'page_view',
  product_list_viewed: 'page_view',
  products_searched: 'search',
  product_added: 'add_to_cart',
  order_completed: 'order',
  order_refunded: 'refund',
  order_cancelled: 'cancellation',
  payment_completed: 'payment',
  payment_info_entered: 'page_view',
  coupon_applied: 'campaign_redeemed',
  product_reviewed: 'review_posted',
  subscription_cancelled: 'cancellation',
  plan_upgraded: 'plan_changed',
  plan_downgraded: 'plan_changed',
  // GA4 and Firebase
  first_open: 'app_install',
  app_exception: 'crash',
  in_app_purchase: 'order',
  purchase: 'order',
  sign_up: 'app_install',
  screen_view: 'page_view',
  view_item: 'page_view',
  view_item_list: 'page_view',
  view_search_results: 'search',
  // How people say it
  app_opened: 'app_open',
  app_installed: 'app_install',
  app_crash: 'crash',
  app_uninstall: 'app_remove',
  session_started: 'session_start',
  order_placed: 'order',
  added_to_cart: 'add_to_cart',
  top_up: 'recharge',
  complaint: 'complaint_opened',
};

/** "Order Completed", "order-completed" and "orderCompleted" are one name. */
const spelling = (name: string): string =>
  name
    .trim()
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[\s\-./]+/g, '_');

const known = new Map<string, EventType>([
  ...Object.entries(otherNames),
  ...eventTypes.map((type): [string, EventType] => [type, type]),
]);

/** The event type a producer's name stands for; undefined when it is none of ours. */
export const eventTypeNamed = (name: string): EventType | undefined => known.get(name) ?? known.get(spelling(name));

/** The known name closest to a misspelt one, if any is close. */
export function closestEventType(name: string): EventType | undefined {
  const wanted = spelling(name).slice(0, 60);
  let best: EventType | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const [spelt, type] of known) {
    const distance = editDistance(wanted, spelt);
    if (distance < least) [best, least] = [type, distance];
  }
  return best;
}

/** Levenshtein: insertions, deletions and replacements that lead from one text to the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
