import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { ActivityEvent, EpochMs, TenantId } from '#domain';
import { ChurnError, customerId, DAY, epochMs, HOUR, SECOND, tenantId } from '#domain';
import type { EventFeed } from './feed.js';
import { scramble } from './random.js';

export interface HouseholdOptions {
  readonly tenant?: TenantId;
  /** Folder with the four files; the one shipped with the project when not given. */
  readonly directory?: string;
}

/** One basket, one mailing or one redemption, before it is spelled out as an event. */
interface Entry {
  readonly at: EpochMs;
  readonly id: string;
  readonly household: string;
  readonly type: 'order' | 'campaign_sent' | 'campaign_redeemed';
  readonly amount: number | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const source = 'complete-journey';
/** Campaign letters go out at nine in the morning of the campaign's first day. */
const mailedAt = 9 * HOUR;
/** Redemptions have a day but no time; each gets its own within these hours. */
const shopOpens = 10 * HOUR;
const shopCloses = 20 * HOUR;

/**
 * Real grocery baskets, campaign letters and coupon redemptions of 2,379 households, in time order. The files' times
 * carry no zone and are taken as UTC. Reads the files once, here; events are spelled out as they are asked for.
 * Throws ChurnError IMPORT_INVALID when a file is missing or unreadable.
 */
export function openHouseholds(options: HouseholdOptions = {}): EventFeed {
  const directory = options.directory ?? shippedFolder();
  const tenant = options.tenant ?? tenantId('default');
  const entries = [...baskets(directory), ...mailings(directory), ...redemptions(directory)];
  entries.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const first = entries[0]?.at ?? 0;
  const last = entries.at(-1)?.at ?? 0;
  return {
    name: source,
    startAt: epochMs(Math.floor(first / DAY) * DAY),
    endAt: epochMs((Math.floor(last / DAY) + 1) * DAY),
    total: entries.length,
    *events() {
      for (const entry of entries) yield spellOut(entry, tenant);
    },
  };
}

function spellOut(entry: Entry, tenant: TenantId): ActivityEvent {
  return {
    tenant,
    id: entry.id,
    source,
    type: entry.type,
    customer: customerId(`household-${entry.household}`),
    occurredAt: entry.at,
    receivedAt: entry.at,
    amount: entry.amount,
    platform: entry.type === 'campaign_sent' ? '' : 'store',
    channel: '',
    appVersion: '',
    attributes: entry.attributes,
  };
}

function baskets(directory: string): Entry[] {
  interface Basket {
    readonly household: string;
    readonly store: string;
    readonly at: EpochMs;
    lines: number;
    cents: number;
    discountCents: number;
  }
  const byId = new Map<string, Basket>();
  for (const row of rows(directory, 'transactions-sample.csv.gz')) {
    const id = row['basket_id']!;
    let basket = byId.get(id);
    if (!basket) {
      const at = instant(row['transaction_timestamp']!);
      basket = { household: row['household_id']!, store: row['store_id']!, at, lines: 0, cents: 0, discountCents: 0 };
      byId.set(id, basket);
    }
    basket.lines++;
    basket.cents += cents(row['sales_value']!);
    basket.discountCents += cents(row['retail_disc']!) + cents(row['coupon_disc']!) + cents(row['coupon_match_disc']!);
  }
  return Array.from(byId, ([id, { household, store, at, lines, cents: sold, discountCents }]) => ({
    at,
    id: `basket-${id}`,
    household,
    type: 'order',
    amount: sold / 100,
    attributes: { store, lines, discounts: discountCents / 100 },
  }));
}

function mailings(directory: string): Entry[] {
  const campaigns = new Map(
    rows(directory, 'campaign-descriptions.csv.gz').map((row) => [row['campaign_id']!, row] as const),
  );
  return rows(directory, 'campaigns.csv.gz').map((row) => {
    const campaign = row['campaign_id']!;
    const about = campaigns.get(campaign);
    if (!about)
      throw new ChurnError('IMPORT_INVALID', `campaigns.csv.gz names campaign ${campaign}, which is not described`);
    return {
      at: epochMs(instant(about['start_date']!) + mailedAt),
      id: `campaign-${campaign}-${row['household_id']!}`,
      household: row['household_id']!,
      type: 'campaign_sent',
      amount: null,
      attributes: { campaign, campaignType: about['campaign_type']!, endsOn: about['end_date']! },
    };
  });
}

function redemptions(directory: string): Entry[] {
  return rows(directory, 'coupon-redemptions.csv.gz').map((row) => {
    const [household, campaign, coupon, day] = [
      row['household_id']!,
      row['campaign_id']!,
      row['coupon_upc']!,
      row['redemption_date']!,
    ];
    // One visit to the shop hands in all of the day's coupons: the time hangs on household and day alone.
    const opensAt = instant(day) + shopOpens;
    const seconds = scramble(Number(household) ^ scramble(opensAt / HOUR)) % ((shopCloses - shopOpens) / SECOND);
    return {
      at: epochMs(opensAt + seconds * SECOND),
      id: `redemption-${household}-${campaign}-${coupon}-${day}`,
      household,
      type: 'campaign_redeemed',
      amount: null,
      attributes: { campaign, coupon },
    };
  });
}

function rows(directory: string, file: string): Record<string, string>[] {
  try {
    return parse(gunzipSync(readFileSync(join(directory, file))), { columns: true });
  } catch (cause) {
    throw new ChurnError('IMPORT_INVALID', `${file} in ${directory} cannot be read as a gzipped CSV file`, { cause });
  }
}

function instant(text: string): EpochMs {
  const at = Date.parse(text.includes('T') ? `${text}Z` : `${text}T00:00:00Z`);
  if (Number.isNaN(at)) throw new ChurnError('IMPORT_INVALID', `not a date: ${text.slice(0, 40)}`);
  return epochMs(at);
}

// Whole cents add up exactly; the file's decimals would not.
const cents = (text: string): number => Math.round(Number(text) * 100);

/** The project runs from its sources in tests and from dist/ otherwise: the data lies beside package.json either way. */
function shippedFolder(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const folder = join(at, 'data', 'complete-journey');
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) throw new ChurnError('IMPORT_INVALID', 'the folder data/complete-journey was not found');
  }
}
