export type { Topic } from './topics.js';
export { allTopics, intakeTopics, topics } from './topics.js';
export type { AdmissionLimits, Arrival } from './limits.js';
export { defaultAdmissionLimits } from './limits.js';
export { decodeEvent, envelopeOf, readEvent, unnamedSource } from './decode-event.js';
export { closestEventType, eventTypeNamed } from './event-names.js';
export type { SegmentCall } from './segment.js';
export { segmentCallOf, segmentCalls, segmentEnvelope } from './segment.js';
export type { TransitionReading } from './codec.js';
export { decodeTransition, encodeEnvelope, encodeEvent } from './codec.js';
export type {
  ActionEnvelope,
  AlertBody,
  DeadLetterBody,
  DeadLetterEnvelope,
  Envelope,
  RaisedFlag,
  RefusedRecord,
  RiskCurrentBody,
  RiskCurrentEnvelope,
  TransitionBody,
  TransitionEnvelope,
  TransitionType,
} from './envelopes.js';
export {
  actionEnvelope,
  alertBodyOf,
  deadLetterEnvelope,
  riskCurrentEnvelope,
  transitionBodyOf,
  transitionEnvelope,
  transitionType,
  transitionTypes,
} from './envelopes.js';
export type {
  AdmitAnswer,
  AlertItem,
  AlertsAnswer,
  ExplanationAnswer,
  CustomerAnswer,
  ItemOutcome,
  OverviewAnswer,
  PackAnswer,
  Problem,
  StagesAnswer,
  VersionAnswer,
} from './api.js';
export {
  admitAnswer,
  alertsAnswer,
  explanationAnswer,
  customerAnswer,
  overviewAnswer,
  packAnswer,
  problem,
  stagesAnswer,
  versionAnswer,
} from './api.js';
export type {
  DeadLetterAnswer,
  DeadLetterItem,
  DeadLettersAnswer,
  LetPassAnswer,
  ReplayManyAnswer,
  ReplayManyRequest,
  ReplayOutcome,
} from './dead-letters.js';
export {
  deadLetterAnswer,
  deadLettersAnswer,
  letPassAnswer,
  letPassRequest,
  remedies,
  replayManyAnswer,
  replayManyRequest,
  replayOutcome,
} from './dead-letters.js';
export type { CalendarEntries, MappingEntry, PackEntry, ReasonEntries, RuleEntry, SignalEntry } from './pack-files.js';
export {
  calendarFile,
  mappingFile,
  packFile,
  playbooksFile,
  reasonsFile,
  rulesFile,
  signalsFile,
} from './pack-files.js';
export type { FeedsAnswer } from './feeds.js';
export { feedsAnswer } from './feeds.js';
export type { IncidentAnswer, IncidentEnvelope, IncidentsAnswer } from './incidents.js';
export { incidentAnswer, incidentBodyOf, incidentEnvelope, incidentsAnswer } from './incidents.js';
export type { StageEnvelope, StageMoveBody } from './stages.js';
export { stageEnvelope } from './stages.js';
export { asyncapiYaml } from './asyncapi.js';
export { openapiDocument } from './openapi.js';
export { publications } from './publish.js';
export type { WireSchemaName } from './json-schemas.js';
export { schemaFile, wireSchemas } from './json-schemas.js';
