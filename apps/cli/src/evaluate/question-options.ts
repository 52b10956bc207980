import { InvalidArgumentError, Option } from 'commander';
import type { EventType } from '#domain';
import { eventTypes } from '#domain';
import { span } from '../dates.js';

/** Null: no activity. */
const label = (text: string): EventType | null => {
  if (text.trim() === 'no activity') return null;
  const name = /^event (\S+)$/.exec(text.trim())?.[1];
  if (name === undefined) throw new InvalidArgumentError('Write it like "no activity" or "event cancellation".');
  const type = eventTypes.find((each) => each === name);
  if (type === undefined) throw new InvalidArgumentError(`There is no event type "${name}".`);
  return type;
};

/** What a score is asked. */
export interface QuestionOptions {
  readonly label: EventType | null;
  readonly horizon?: number;
}

export const labelOption = () =>
  new Option('--label <label>', 'what is foretold: "no activity" or "event TYPE"')
    .argParser(label)
    .default(null, 'no activity');
export const horizonOption = () =>
  new Option('--horizon <span>', 'within how long; default: 30 days, or longer where customers come seldom').argParser(
    span,
  );
