import type { LocalText } from './signal.js';

/** What a reason is about. A closed list: reports and colours go by it. `behaviour` says what is seen, not yet why. */
export const reasonKinds = [
  'behaviour',
  'lifecycle',
  'need',
  'satisfaction',
  'competition',
  'quality',
  'price',
  'service',
  'communication',
  'technical',
  'marketing',
  'security',
] as const;
export type ReasonKind = (typeof reasonKinds)[number];

export interface Reason {
  /** What rules, alerts and reports name it by; stays when its title changes. */
  readonly code: string;
  readonly kind: ReasonKind;
  readonly title: LocalText;
}

const reason = (kind: ReasonKind, code: string, en: string, zh: string): Reason => ({ code, kind, title: { en, zh } });

/** Named by rules of the shipped packs. Each stands for an item of a background document, named above it. */
const seen: readonly Reason[] = [
  // 000_1e57073725e68209.txt: a churned customer told by activity and frequency (B24), behaviour before the loss (B25)
  reason('behaviour', 'silent_beyond_rhythm', 'Silent beyond own rhythm', '沉默超出自身节奏'),
  // 000_1e57073725e68209.txt: behaviour-change analysis before the loss (B25)
  reason('behaviour', 'activity_drop', 'Comes less than before', '活跃度下降'),
  // 000_1e57073725e68209.txt: frequency and amount of the lost (B36)
  reason('behaviour', 'spend_drop', 'Spends less than before', '消费下降'),
  // 000_1e57073725e68209.txt: browsing, searching and booking (B20); 002_ac373e1b32a6e2e4.txt: behaviour on the web site (B60)
  reason('behaviour', 'browse_no_buy', 'Looks around without buying', '只逛不买'),
  // 000_1e57073725e68209.txt: behaviour-change analysis before the loss (B25)
  reason('behaviour', 'app_removed', 'Removed the app', '卸载应用'),
  // 000_1e57073725e68209.txt: new customers churn more (B18), low conversion of the new counted as a loss (B34)
  reason('lifecycle', 'newcomer_silent', 'New customer gone quiet', '新客户沉寂'),
  // 000_1e57073725e68209.txt: who no longer needs it told from the dissatisfied (B49), booking behaviour (B20)
  reason('need', 'cancellation', 'Cancelled and did not come back', '取消后未再回来'),
  // 000_1e57073725e68209.txt: low satisfaction as a reason (B3), satisfaction decline as one of three types (B33)
  reason('satisfaction', 'satisfaction_low', 'Dissatisfied', '满意度偏低'),
  // 000_1e57073725e68209.txt: satisfaction clearly down in the fourth month (B3), satisfaction decline (B33)
  reason('satisfaction', 'satisfaction_drop', 'Satisfaction fell', '满意度下降'),
  // 000_1e57073725e68209.txt: product quality as one of three types (B33), the first reason in e-commerce (B42)
  reason('quality', 'product_quality', 'Product or service of poor quality', '产品或服务质量问题'),
  // 000_1e57073725e68209.txt: price that does not fit (B6), changes of rates and fees found unfair (B17)
  reason('price', 'price_change', 'Price changed', '价格变动'),
  // 000_1e57073725e68209.txt: unresolved complaints (B4)
  reason('service', 'complaint_unresolved', 'Complaint unresolved', '投诉未解决'),
  // 000_1e57073725e68209.txt: problems not solved in time, poor after-sales service (B42)
  reason('service', 'ticket_unresolved', 'Question to the service unresolved', '服务请求未处理'),
  // 000_1e57073725e68209.txt: a rising number of complaints (B4), congestion and weak signal time and again (B5)
  reason('service', 'repeated_tickets', 'One problem after the other', '反复出现问题'),
  // 000_1e57073725e68209.txt: first-time resolution (B39)
  reason('service', 'not_resolved', 'Called solved and was not', '问题反复未根治'),
  // 000_1e57073725e68209.txt: long waiting (B16), delay (B12)
  reason('service', 'waiting_time', 'Has to wait too long', '等待时间过长'),
  // 000_1e57073725e68209.txt: harassment by advertising (B42), messages precise and not too many (B44)
  reason('communication', 'over_messaging', 'Written to too often', '营销打扰过多'),
  // 000_1e57073725e68209.txt: the app crashes (B53)
  reason('technical', 'app_crash', 'The app crashes', '客户端闪退'),
  // 000_1e57073725e68209.txt: the app cannot be entered or upgraded, freezes (B53)
  reason('technical', 'app_fault', 'The app does not work', '客户端故障'),
  // 000_1e57073725e68209.txt: login failure (B53)
  reason('technical', 'login_failure', 'Cannot log in', '无法登录'),
  // 000_1e57073725e68209.txt: types of churn to be told apart (B29), system failure (B16)
  reason('technical', 'payment_failure', 'Cannot pay', '支付失败'),
  // 000_1e57073725e68209.txt: system failure while doing business (B16)
  reason('technical', 'system_failure', 'The system fails', '系统故障'),
  // 000_1e57073725e68209.txt: rewards not credited (B55)
  reason('marketing', 'reward_missing', 'Promised reward not credited', '奖励未到账'),
];

/**
 * Named by no shipped rule, since no event alone shows them: for rules over tickets, scores or answers that a company
 * has of its own.
 */
const reserved: readonly Reason[] = [
  // 000_1e57073725e68209.txt: who no longer needs it (B49), needs that change (B47)
  reason('need', 'need_gone', 'No longer needs it', '不再需要'),
  // 000_1e57073725e68209.txt: competitors' offers (B7), competitive pressure as one of three types (B33)
  reason('competition', 'competitor_offer', 'Better offer elsewhere', '竞争对手的优惠'),
  // 000_1e57073725e68209.txt: outdated products, no difference to others (B8)
  reason('competition', 'product_outdated', 'Product outdated or like any other', '产品陈旧或缺乏差异化'),
  // 000_1e57073725e68209.txt: network and call quality, congestion, weak signal (B5)
  reason('quality', 'network_quality', 'Poor network or calls', '网络或通话质量差'),
  // 000_1e57073725e68209.txt: delivery delay (B12)
  reason('quality', 'delivery_delay', 'Delivered late', '交付延迟'),
  // 000_1e57073725e68209.txt: quality and freshness of content (B47)
  reason('quality', 'content_poor', 'Content poor or stale', '内容质量不佳或更新不及时'),
  // 000_1e57073725e68209.txt: high price (B6), price in e-commerce (B42)
  reason('price', 'price_too_high', 'Too expensive', '价格过高'),
  // 000_1e57073725e68209.txt: attitude of the staff (B16)
  reason('service', 'staff_attitude', 'Treated badly by the staff', '服务人员态度不佳'),
  // 000_1e57073725e68209.txt: cumbersome procedures (B16)
  reason('service', 'procedure_cumbersome', 'Procedures too cumbersome', '办理手续繁琐'),
  // 000_1e57073725e68209.txt: did not know about it (B49), communication breakdown (B33)
  reason('communication', 'not_informed', 'Did not know about it', '对产品或服务不了解'),
  // 000_1e57073725e68209.txt: feels ignored (B9), communication breakdown (B33)
  reason('communication', 'feels_ignored', 'Feels ignored', '感到被忽视'),
  // 000_1e57073725e68209.txt: campaigns not rich (B55), the gap between two campaigns (B57)
  reason('marketing', 'campaign_gap', 'No campaign worth coming for', '营销活动空档或不够丰富'),
  // 000_1e57073725e68209.txt: fear for security and privacy (B47), disclosure of information (B31)
  reason('security', 'security_fear', 'Fears for security or privacy', '担心安全或隐私'),
];

/** What every pack may name without declaring it; a pack's reasons.yaml adds its own. */
export const commonReasons: readonly Reason[] = [...seen, ...reserved];
export const reservedReasons: ReadonlySet<string> = new Set(reserved.map(({ code }) => code));
