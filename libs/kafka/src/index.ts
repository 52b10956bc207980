export { BatchKafkaServer } from './batch-kafka.server.js';
export { KafkaEventLog } from './kafka-event-log.js';
export { partitionOf } from './partition.js';
export type { TopicOutcome } from './topics.js';
export { createTopics } from './topics.js';
