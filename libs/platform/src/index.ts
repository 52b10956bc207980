export type { Environment } from './config/load-config.js';
export { checkAllSettings, loadConfig } from './config/load-config.js';
export type {
  ClickhouseSettings,
  CourierSettings,
  GeneralSettings,
  HttpSettings,
  KafkaSettings,
  SentinelSettings,
  TrackerSettings,
} from './config/settings.js';
export {
  clickhouseSettings,
  courierSettings,
  generalSettings,
  httpSettings,
  kafkaSettings,
  sentinelSettings,
  settingSections,
  trackerSettings,
} from './config/settings.js';
export { sectionNames, settingRows } from './config/configuration-page.js';
export type { Log, LogFields } from './logging.js';
export { createLog, NestLog } from './logging.js';
export type { MetricLabels, Metrics } from './metrics.js';
export { addProcessMetrics, createMetrics } from './metrics.js';
export type { HealthCheck, HealthReport } from './health.js';
export { Health } from './health.js';
export type { Operations, OpsAnswer, OpsServer } from './ops.server.js';
export { answerOps, opsPaths, startOpsServer } from './ops.server.js';
export type { RoleContext, RunningRole, ShutdownStage, ShutdownSteps, StartRole } from './lifecycle.js';
export { explainFailure, runRole, shutdownOrder, startRole } from './lifecycle.js';
export { packageRoot, packFolder } from './package-root.js';
