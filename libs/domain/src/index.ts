// In the order of the story: who and when, what happened, what is read from it, what is decided, what is said.
export type { AlertId, CustomerId, IncidentId, RuleId, TenantId } from './ids.js';
export { alertId, customerId, customerKey, incidentId, ruleId, tenantId } from './ids.js';
export type { Clock, EpochMs } from './time.js';
export { DAY, epochMs, HOUR, isoOf, MINUTE, parseSpan, plus, SECOND, systemClock } from './time.js';
export type { ActivityEvent, Admission, EventFamily, EventType, RejectReason } from './activity-event.js';
export { engagementTypes, eventFamilies, eventKinds, eventTypes, familyOf, rejectReasons } from './activity-event.js';
export type { LocalText, Locale, Lookback, Measure, Signal, SignalKind, SignalValues } from './signal.js';
export { growingKinds, hourExactMs, locales, missedDaysCap, weekdayPriorWeeks } from './signal.js';
export type { Arithmetic, Comparison, Condition, NumberExpr } from './condition.js';
export { signalsOf } from './condition.js';
export type { WeighedComparison, WeighedCondition } from './weigh.js';
export { textOf, weigh } from './weigh.js';
export type { Push, PushOf } from './direction.js';
export { canTurn } from './direction.js';
export type {
  ChurnDefinition,
  CustomerValue,
  SilenceBound,
  Stage,
  StageMove,
  ValueDefinition,
  ValueTier,
} from './lifecycle.js';
export { restoresStage, stages, tierShares, usualChurn, usualValue, valueTiers } from './lifecycle.js';
export type { BandEdge, ScoreBand } from './score-band.js';
export { advanceBand, scoreBands } from './score-band.js';
export type { Reason, ReasonKind } from './reason.js';
export { commonReasons, reasonKinds, reservedReasons } from './reason.js';
export type { FlagPolicy, Pack, Playbook, Rule, Severity } from './rule.js';
export { severities, signalsRead } from './rule.js';
export type { Evaluation, Verdict } from './verdict.js';
export type { Flag, FlagState, FlagStep, Transition } from './flag.js';
export { advanceFlag, flagStates, isRaised, neverRaised, raises, takesBack } from './flag.js';
export type { Alert, AlertKind } from './alert.js';
export { alertKinds } from './alert.js';
export type { Extent, FailureKind, Incident, IncidentKind, IncidentState } from './incident.js';
export {
  areNested,
  contains,
  dimensions,
  extentText,
  failureKinds,
  incidentKinds,
  incidentStates,
  isExplainedBy,
  isOfSilence,
} from './incident.js';
export type { PastCounts } from './norm.js';
export { normsOf } from './norm.js';
export type { Cell, Spike, SpikeLimits } from './spike.js';
export { extentsAround, findSpike, isCalm, scoreOf, totalOf } from './spike.js';
export type { Attempt, DeliveryResult, DeliveryState, FailureReason, Intent } from './delivery.js';
export { deliveryStates, failureReasons, longestRetryAfterMs, retryScheduleMs } from './delivery.js';
export type { ErrorCode } from './errors.js';
export { ChurnError, errorCodes, impossible } from './errors.js';
