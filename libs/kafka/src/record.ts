import type { KafkaMessage } from 'kafkajs';
import { epochMs } from '#domain';
import type { LogRecord } from '#pipeline';
import { timestampHeader } from './timestamp.js';

/** What kafkajs fetched, up to and with `lastOffset`. On the hot path: one plain object for each record and no more. */
export function toRecords(messages: readonly KafkaMessage[], lastOffset: number): LogRecord[] {
  const records: LogRecord[] = [];
  for (const message of messages) {
    const offset = Number(message.offset);
    if (offset > lastOffset) break;
    records.push(toRecord(message, offset));
  }
  return records;
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** Headers may repeat and may be bytes; ours are single texts, and of others' the first value is kept. */
function toRecord({ key, value, headers: given, timestamp }: KafkaMessage, offset: number): LogRecord {
  let headers: Record<string, string> | null = null;
  let at = Number(timestamp);
  for (const name in given) {
    const values = given[name];
    const first = Array.isArray(values) ? values[0] : values;
    if (first === undefined) continue;
    if (name === timestampHeader) at = Number(first.toString());
    else (headers ??= {})[name] = first.toString();
  }
  return {
    offset,
    key: key === null ? null : key.toString(),
    value,
    headers: headers ?? noHeaders,
    timestamp: epochMs(at),
  };
}
