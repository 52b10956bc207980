export const COURIER_LOG = Symbol('the courier’s Log');
export const READER_LOCALE = Symbol('Locale of a reader who asks for none');
