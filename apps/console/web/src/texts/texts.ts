import type { en } from './en.js';

/** The same keys and arguments with any wording: a language that lacks a key, or has one too many, does not compile. */
type Worded<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { [K in keyof T]: Worded<T[K]> };

export type Texts = Worded<typeof en>;
