// Ports are interfaces and leave no trace at run time: Nest finds their adapters by these names.
export const CLOCK = Symbol('Clock');
export const OBSERVER = Symbol('Observer');
export const EVENT_LOG = Symbol('EventLog');
export const ASSIGNMENT = Symbol('Assignment');
export const JOURNAL = Symbol('Journal');
export const WINDOW_STORE = Symbol('WindowStore');
export const EVALUATOR = Symbol('Evaluator');
export const IDENTITY_STORE = Symbol('IdentityStore');
export const FLAG_STORE = Symbol('FlagStore');
export const FEED_STORE = Symbol('FeedStore');
export const DEAD_LETTERS = Symbol('DeadLetters');
export const DELIVERY_LOG = Symbol('DeliveryLog');
export const CHANNELS = Symbol('Channel[]');
export const VIEWS = Symbol('Views');
export const PACK = Symbol('Pack');
