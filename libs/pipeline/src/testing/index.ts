export { HandTurnedTime } from './hand-turned-time.js';
export { MemoryDeliveryLog } from './memory-delivery-log.js';
export { MemoryLog } from './memory-log.js';
