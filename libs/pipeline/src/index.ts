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
export type { Firing } from './route.js';
export { alertIdOf, buildAlert, checkText, formatNumber, retractionIdOf, transitionIdOf } from './route.js';
export type { Admit, AdmitParts, ItemReader } from './admit.js';
export { admitter } from './admit.js';
export type { CapLimits } from './dead-letter-cap.js';
export { defaultCapLimits } from './dead-letter-cap.js';
export type { Mending } from './mend.js';
export type { Correction, Replay, ReplayParts } from './replay.js';
export { Replayer } from './replay.js';
export type { TrackerParts } from './fold.js';
export { Tracker } from './fold.js';
export type { DuplicateParts, Sifted } from './duplicates.js';
export { Duplicates } from './duplicates.js';
export { whereToBegin } from './place.js';
export { ProgressReport } from './progress.js';
export type { FeedLimits, FeedState } from './feeds.js';
export { noFeedVouches } from './feeds.js';
export { Cells } from './cells.js';
export { Earshot } from './earshot.js';
export type { FeedsNow } from './feed-desk.js';
export { FeedDesk } from './feed-desk.js';
export { bucketEnd, bucketMs, quarterMs } from './incident-course.js';
export type { SentinelParts } from './sentinel-parts.js';
export { Sentinel } from './sweep.js';
export { loadMapping } from './rulebook/load-mapping.js';
export { loadPack } from './rulebook/load-pack.js';
export { suggestion } from './rulebook/condition-text.js';
export { versionOf } from './rulebook/version-of.js';
export { EvaluatorInForce, Rulebook } from './rulebook/rulebook.js';
export type { CourierLimits, CourierParts } from './deliver.js';
export { Courier } from './deliver.js';
export type { CircuitState } from './circuit.js';
export { circuitStates } from './circuit.js';
export type { LaneLimits } from './delivery-lane.js';
export type { Scheduler } from './scheduler.js';
export { schedulerOf } from './scheduler.js';
export type { Explanation, ExplainParts } from './explain.js';
export { Explainer } from './explain.js';
export type { BacktestParts, PlayedCustomer, PlayedMove } from './backtest.js';
export { backtest } from './backtest.js';
export type { AlertQuality } from './measure/alert-tally.js';
export type { Label } from './measure/label.js';
export { parseLabel } from './measure/label.js';
export type { Measurement, MeasureParts } from './measure/measure.js';
export { measure } from './measure/measure.js';
