export type { Environment } from './config/load-config.js';
export { loadConfig } from './config/load-config.js';
export type {
  ClickhouseSettings,
  CourierSettings,
  GeneralSettings,
  HttpSettings,
  KafkaSettings,
  TrackerSettings,
} from './config/settings.js';
export {
  clickhouseSettings,
  courierSettings,
  generalSettings,
  httpSettings,
  kafkaSettings,
  settingSections,
  trackerSettings,
} from './config/settings.js';
