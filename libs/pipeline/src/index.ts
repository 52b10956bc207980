export type {
  Assignment,
  BatchHandler,
  EventLog,
  Journal,
  LogMessage,
  LogRecord,
  PartitionEnd,
  RecordBatch,
} from './ports/event-log.js';
export type { Fence } from './ports/fence.js';
export { fenceText } from './ports/fence.js';
export type { CountedHash, CountedIdentity, IdentityStore } from './ports/identity-store.js';
export type { Chunk, Extent, PlacedEvent, Plan, WindowStore } from './ports/window-store.js';
export type { EvaluationRequest, Evaluator } from './ports/evaluator.js';
export type {
  CustomerEvents,
  CustomerSince,
  Decision,
  FlagStore,
  KnownCustomer,
  PerhapsUnseen,
  Share,
  StoredFlag,
} from './ports/flag-store.js';
export type {
  DeadLetter,
  DeadLetters,
  KeptLetter,
  LetPass,
  LetterFilter,
  LetterGroup,
  LetterPlace,
  LetterQuery,
  LetterSource,
  Replayed,
} from './ports/dead-letters.js';
export type {
  DeliveryLog,
  OpenCursor,
  OpenDelivery,
  OpenPage,
  OpenQuestion,
  Original,
  Overtaken,
} from './ports/delivery-log.js';
export type { PlacedCustomer, StageStore, StoredStage } from './ports/stage-store.js';
export type { ValueStore } from './ports/value-store.js';
export type { CellHour, CellStore, CellWord, FeedCell, Return } from './ports/cell-store.js';
export type { FeedHour, FeedRetirement, FeedStore } from './ports/feed-store.js';
export type { AffectedCustomer, Blast, IncidentStore, QuarterCounts } from './ports/incident-store.js';
export type { RuleEdition, RuleStore } from './ports/rule-store.js';
export type { CustomerHistory, HistoryExtent, HistoryQuestion, HistoryStore } from './ports/history-store.js';
export type { Channel } from './ports/channel.js';
export type { IncidentChange, Observation, Observer } from './ports/observer.js';
export { incidentChanges, silent } from './ports/observer.js';
export type {
  AlertQuery,
  AlertView,
  CustomerView,
  DayActivity,
  Overview,
  StageCount,
  TimelineEntry,
  Views,
} from './ports/views.js';
export {
  ASSIGNMENT,
  CHANNELS,
  CLOCK,
  DEAD_LETTERS,
  DELIVERY_LOG,
  EVALUATOR,
  EVALUATOR_OF,
  EVENT_LOG,
  CELL_STORE,
  FEED_STORE,
  FLAG_STORE,
  IDENTITY_STORE,
  INCIDENT_STORE,
  JOURNAL,
  OBSERVER,
  PACK,
  RULE_STORE,
  STAGE_STORE,
  VALUE_STORE,
  VIEWS,
  WINDOW_STORE,
} from './tokens.js';
export type { Firing } from './sentinel/route.js';
export { alertIdOf, buildAlert, checkText, formatNumber, retractionIdOf, transitionIdOf } from './sentinel/route.js';
export type { Admit, AdmitParts, ItemReader } from './intake/admit.js';
export { admitter } from './intake/admit.js';
export type { CapLimits } from './tracker/dead-letter-cap.js';
export { defaultCapLimits } from './tracker/dead-letter-cap.js';
export type { Mending } from './letters/mend.js';
export type { Correction, Replay, ReplayParts } from './letters/replay.js';
export { Replayer } from './letters/replay.js';
export type { TrackerParts } from './tracker/fold.js';
export { Tracker } from './tracker/fold.js';
export type { DuplicateParts, Sifted } from './tracker/duplicates.js';
export { Duplicates } from './tracker/duplicates.js';
export { whereToBegin } from './tracker/place.js';
export { ProgressReport } from './tracker/progress.js';
export type { FeedLimits, FeedState } from './feeds/feeds.js';
export { noFeedVouches } from './feeds/feeds.js';
export { Cells } from './incidents/cells.js';
export { Earshot } from './courier/earshot.js';
export type { FeedsNow } from './feeds/feed-desk.js';
export { FeedDesk } from './feeds/feed-desk.js';
export { bucketEnd, bucketMs, quarterMs } from './incidents/incident-course.js';
export type { SentinelParts } from './sentinel/sentinel-parts.js';
export { Sentinel } from './sentinel/sweep.js';
export { loadMapping } from './rulebook/load-mapping.js';
export { loadPack } from './rulebook/load-pack.js';
export { suggestion } from './rulebook/condition-text.js';
export { versionOf } from './rulebook/version-of.js';
export { EvaluatorInForce, Rulebook } from './rulebook/rulebook.js';
export type { CourierLimits, CourierParts } from './courier/deliver.js';
export { Courier } from './courier/deliver.js';
export type { CircuitState } from './courier/circuit.js';
export { circuitStates } from './courier/circuit.js';
export type { LaneLimits } from './courier/delivery-lane.js';
export type { Scheduler } from './scheduler.js';
export { schedulerOf } from './scheduler.js';
export type { Explanation, ExplainParts } from './sentinel/explain.js';
export { Explainer } from './sentinel/explain.js';
export type { BacktestParts, PlayedCustomer, PlayedMove } from './measure/backtest.js';
export { backtest } from './measure/backtest.js';
export type { AlertQuality } from './measure/alert-tally.js';
export type { Label } from './measure/label.js';
export { parseLabel } from './measure/label.js';
export type { Difference } from './measure/difference.js';
export type { TeamLoad } from './measure/team-load.js';
export type { Comparison, Measurement, MeasureParts } from './measure/measure.js';
export { compare, measure } from './measure/measure.js';
