import type { Locale, Severity } from '#domain';

export interface Wording {
  readonly severity: Readonly<Record<Severity, string>>;
  readonly customer: string;
  readonly why: string;
  readonly whatToDo: string;
  readonly owner: string;
  readonly dueBy: string;
  readonly open: string;
  readonly evidence: string;
  readonly becameDue: string;
  readonly detected: string;
  readonly reason: string;
  readonly rule: string;
  readonly footer: string;
  readonly colon: string;
  readonly days: string;
  readonly notSo: string;
  readonly whatHappened: string;
  readonly lateNews: string;
  readonly stopIt: string;
  readonly stopItAction: string;
  readonly withdrawnAlert: string;
  readonly retractionFooter: string;
}

export const wordings: Readonly<Record<Locale, Wording>> = {
  en: {
    severity: { low: 'Low risk', medium: 'Medium risk', high: 'High risk' },
    customer: 'Customer',
    why: 'Why',
    whatToDo: 'What to do',
    owner: 'Owner',
    dueBy: 'Due by',
    open: 'Open the customer in the console',
    evidence: 'What the numbers say',
    becameDue: 'Became due',
    detected: 'Detected',
    reason: 'Counted as',
    rule: 'Rule',
    footer: 'Sent by Churnwatch because a customer crossed a threshold your team set. A second copy has the same id:',
    colon: ': ',
    days: 'd',
    notSo: 'the alert did not hold',
    whatHappened: 'What happened',
    lateNews: 'Events that reached Churnwatch late show that the customer did not meet the rule when it was raised.',
    stopIt: 'What to do',
    stopItAction: 'Nothing needs to be done. Stop what was begun because of the alert, and tell whoever works on it.',
    withdrawnAlert: 'Withdrawn alert',
    retractionFooter:
      'Sent by Churnwatch because an alert it sent before no longer holds. A second copy has the same id:',
  },
  zh: {
    severity: { low: '低风险', medium: '中风险', high: '高风险' },
    customer: '客户',
    why: '原因',
    whatToDo: '建议行动',
    owner: '负责人',
    dueBy: '截止时间',
    open: '在控制台中查看该客户',
    evidence: '数据依据',
    becameDue: '触发时间',
    detected: '发现时间',
    reason: '归类',
    rule: '规则',
    footer: 'Churnwatch 发送此邮件，是因为有客户越过了您团队设定的阈值。重复邮件的编号相同：',
    colon: '：',
    days: '天',
    notSo: '该告警不成立',
    whatHappened: '情况说明',
    lateNews: '迟到的事件表明，触发告警时该客户并未满足规则。',
    stopIt: '建议行动',
    stopItAction: '无需处理。如已因该告警开始跟进，请停止并告知相关同事。',
    withdrawnAlert: '被撤回的告警',
    retractionFooter: 'Churnwatch 发送此邮件，是因为此前发出的告警不再成立。重复邮件的编号相同：',
  },
};
