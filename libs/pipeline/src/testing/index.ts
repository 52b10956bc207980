export { HandTurnedTime } from './hand-turned-time.js';
export { IntakePartition } from './intake-partition.js';
export { MemoryDeadLetters } from './memory-dead-letters.js';
export { MemoryDeliveryLog } from './memory-delivery-log.js';
export { MemoryLog } from './memory-log.js';
export type { WindowStep } from './memory-window-store.js';
export { MemoryWindowStore } from './memory-window-store.js';
export { MemoryFlagStore } from './memory-flag-store.js';
export { aSilencePack, SilenceEvaluator } from './silence-evaluator.js';
