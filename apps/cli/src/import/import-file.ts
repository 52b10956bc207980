import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { defaultAdmissionLimits } from '#contracts';
import { ChurnError } from '#domain';
import type { GatewayClient } from '../gateway-client.js';
import type { ProgressBar } from '../terminal.js';
import type { Mapping } from './mapping.js';
import { mapRow } from './mapping.js';
import type { ImportProgress } from './progress.js';
import { hashOfFile, ProgressFile } from './progress.js';
import { formatOf, readRows } from './rows.js';
import type { Row } from './rows.js';

export interface ImportRequest {
  readonly path: string;
  readonly mapping: Omit<Mapping, 'source'> & { readonly source?: string | undefined };
  readonly gateway: GatewayClient;
  /** Where progress files live. */
  readonly stateFolder: string;
  /** Forget earlier progress and begin anew. */
  readonly restart: boolean;
  readonly bar: (totalBytes: number) => ProgressBar;
}

export interface ImportResult {
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Rows that the mapping leaves out. */
  readonly skipped: number;
  /** Rows that an earlier run had sent. */
  readonly resumedAt: number;
  /** Where the rejected rows and their reasons are; null when there are none. */
  readonly rejectsPath: string | null;
}

// Well under the gateway's default body limit of 1 MiB.
const mostBatchBytes = 800_000;
const mostBatchEvents = 1_000;

/** What still waits to be sent, with the rows it came from. */
interface Batch {
  events: { readonly event: object; readonly row: Row }[];
  rejects: { readonly row: Row; readonly reason: string; readonly detail: string }[];
  skipped: number;
  bytes: number;
}
const emptyBatch = (): Batch => ({ events: [], rejects: [], skipped: 0, bytes: 0 });

const rowsIn = ({ events, rejects, skipped }: Batch): number => events.length + rejects.length + skipped;

/**
 * Sends a file's rows to the gateway. Interrupted at any point, the next call goes on where it stopped;
 * the batch under way is then sent twice, and its ids tell.
 */
export async function importFile(request: ImportRequest): Promise<ImportResult> {
  const { path } = request;
  formatOf(path);
  const size = await sizeOf(path);
  const fileHash = await hashOfFile(path);
  const mapping: Mapping = { ...request.mapping, source: request.mapping.source ?? `import/${fileHash}` };
  const file = new ProgressFile(request.stateFolder, fileHash);
  if (request.restart) await file.forget();
  const progress = await beginOrResume(file, mapping, path);
  const rejectsPath = `${path}.rejected.ndjson`;
  const resumedAt = progress.rows;
  if (!progress.done) {
    const bar = request.bar(size);
    const rejects = await openRejects(rejectsPath, progress.rejectedBytes);
    try {
      await sendRows(request, mapping, progress, file, rejects, bar);
    } finally {
      bar.end();
      await rejects.close();
    }
  }
  const { rows, accepted, rejected, skipped } = progress;
  return { rows, accepted, rejected, skipped, resumedAt, rejectsPath: rejected > 0 ? rejectsPath : null };
}

async function sendRows(
  { path, gateway }: ImportRequest,
  mapping: Mapping,
  progress: ImportProgress,
  file: ProgressFile,
  rejects: FileHandle,
  bar: ProgressBar,
): Promise<void> {
  let bytesRead = 0;
  let batch = emptyBatch();
  const skip = progress.rows;
  const flush = async (): Promise<void> => {
    const sent = batch;
    batch = emptyBatch();
    await flushBatch(sent, gateway, progress, rejects);
    await file.write(progress);
    bar.advance(bytesRead, `${progress.rows} rows, ${progress.rejected} rejected`);
  };
  for await (const row of readRows(path, (bytes) => (bytesRead = bytes))) {
    if (row.number <= skip) continue;
    addRow(batch, row, mapping);
    if (batch.bytes >= mostBatchBytes || rowsIn(batch) >= mostBatchEvents) await flush();
  }
  progress.done = true;
  await flush();
}

function addRow(batch: Batch, row: Row, mapping: Mapping): void {
  if (row.content === null) {
    batch.rejects.push({ row, reason: 'malformed', detail: row.fault ?? 'cannot be read' });
    return;
  }
  const mapped = mapRow(row.content, row.number, mapping);
  if (mapped.kind === 'rejected') {
    batch.rejects.push({ row, reason: 'invalid', detail: mapped.detail });
    return;
  }
  if (mapped.kind === 'skipped') {
    batch.skipped += 1;
    return;
  }
  const bytes = Buffer.byteLength(JSON.stringify(mapped.event));
  if (bytes > defaultAdmissionLimits.maxBytes) {
    batch.rejects.push({ row, reason: 'oversize', detail: `the event would be ${bytes} bytes` });
    return;
  }
  batch.events.push({ event: mapped.event, row });
  batch.bytes += bytes;
}

async function flushBatch(
  batch: Batch,
  gateway: GatewayClient,
  progress: ImportProgress,
  rejects: FileHandle,
): Promise<void> {
  const refused = [...batch.rejects];
  if (batch.events.length > 0) {
    for (const outcome of await gateway.send(batch.events.map(({ event }) => event))) {
      const row = batch.events[outcome.index]?.row;
      if (outcome.outcome === 'rejected' && row !== undefined) {
        refused.push({ row, reason: outcome.reason, detail: outcome.detail });
      }
    }
  }
  refused.sort((a, b) => a.row.number - b.row.number);
  const lines = refused.map(({ row, reason, detail }) =>
    JSON.stringify({ line: row.line, reason, detail, row: row.content }),
  );
  if (lines.length > 0) {
    const { bytesWritten } = await rejects.write(`${lines.join('\n')}\n`, progress.rejectedBytes);
    progress.rejectedBytes += bytesWritten;
  }
  progress.rows += rowsIn(batch);
  progress.skipped += batch.skipped;
  progress.rejected += refused.length;
  progress.accepted += batch.events.length + batch.rejects.length - refused.length;
}

async function beginOrResume(file: ProgressFile, mapping: Mapping, path: string): Promise<ImportProgress> {
  const shape = createHash('sha256').update(JSON.stringify(mapping)).digest('hex').slice(0, 16);
  const earlier = await file.read();
  if (earlier === null) return { shape, rows: 0, accepted: 0, rejected: 0, skipped: 0, rejectedBytes: 0, done: false };
  if (earlier.shape === shape) return earlier;
  throw new ChurnError(
    'IMPORT_INVALID',
    `${path} was imported with other options up to row ${earlier.rows}; use those, or --restart to begin anew`,
  );
}

async function openRejects(path: string, keepBytes: number): Promise<FileHandle> {
  const handle = await open(path, keepBytes > 0 ? 'r+' : 'w');
  await handle.truncate(keepBytes);
  return handle;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new ChurnError('IMPORT_INVALID', `${path} cannot be opened`, { cause });
  }
}
