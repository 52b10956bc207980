import { once } from 'node:events';
import { createConnection } from 'node:net';
import { connect } from 'node:tls';
import { openStore } from '#clickhouse';
import { allTopics } from '#contracts';
import { KafkaEventLog } from '#kafka';
import type { ClickhouseSettings, CourierSettings, GeneralSettings, KafkaSettings } from '#platform';
import type { Finding } from './finding.js';
import { ill, messageOf, well } from './finding.js';

const answerWithinMs = 5_000;

export async function checkKafka(settings: KafkaSettings): Promise<Finding> {
  if (settings.KAFKA_BROKERS === undefined) return well('Kafka', 'not used: events go through the in-process log');
  const log = new KafkaEventLog(settings);
  const missing: string[] = [];
  try {
    // One topic that is there proves the brokers; only then does a failure mean that the topic is missing.
    await log.ends([]);
    for (const { name } of allTopics) await log.ends([name]).catch(() => missing.push(name));
  } catch (error) {
    return ill('Kafka', messageOf(error), 'check KAFKA_BROKERS, KAFKA_SSL and KAFKA_SASL_*, and that the brokers run');
  } finally {
    await log.close();
  }
  if (missing.length === 0) return well('Kafka', `${settings.KAFKA_BROKERS.join(', ')}, all topics there`);
  return ill('Kafka', `topics missing: ${missing.join(', ')}`, 'run `churnwatch topics`');
}

export async function checkStore(settings: GeneralSettings & ClickhouseSettings): Promise<Finding> {
  const name = settings.CLICKHOUSE_URL === undefined ? 'ClickHouse (embedded)' : 'ClickHouse';
  try {
    const store = openStore(settings);
    try {
      await store.ping();
    } finally {
      await store.close();
    }
    return well(name, settings.CLICKHOUSE_URL === undefined ? 'the engine loads' : 'answers');
  } catch (error) {
    const todo =
      settings.CLICKHOUSE_URL === undefined
        ? 'stop any other churnwatch on this DATA_DIR; the engine needs Linux or macOS on x64 or arm64'
        : 'check CLICKHOUSE_URL, CLICKHOUSE_USERNAME and CLICKHOUSE_PASSWORD, and that the server runs';
    return ill(name, messageOf(error), todo);
  }
}

/** Reads the server's greeting and leaves: no mail is sent and nobody logs in. */
export async function checkSmtp(address: string | undefined): Promise<Finding> {
  if (address === undefined) return well('SMTP', 'not used: mails go to the mailbox folder under DATA_DIR');
  const todo = 'check SMTP_URL, and that this machine may reach the mail server';
  if (!URL.canParse(address)) return ill('SMTP', 'SMTP_URL is no address', 'write it as smtp://host:port');
  const { protocol, hostname, port } = new URL(address);
  const secure = protocol === 'smtps:';
  const at = { host: hostname, port: Number(port || (secure ? 465 : 587)) };
  const socket = secure ? connect({ ...at, servername: hostname }) : createConnection(at);
  try {
    const [greeting] = (await once(socket, 'data', { signal: AbortSignal.timeout(answerWithinMs) })) as [Buffer];
    if (greeting.toString().startsWith('220')) return well('SMTP', `${at.host}:${at.port} greets`);
    return ill('SMTP', `${at.host}:${at.port} does not greet as a mail server does`, todo);
  } catch (error) {
    return ill('SMTP', messageOf(error), todo);
  } finally {
    socket.destroy();
  }
}

const shortestSecretBytes = 24;

/** Looks only at the settings: a test call would be an alert to whoever listens. */
export function checkWebhook(settings: CourierSettings): Finding {
  const { WEBHOOK_URL: address, WEBHOOK_SECRET: secret } = settings;
  if (address === undefined) return well('Webhook', 'not used');
  const bytes = Buffer.from((secret ?? '').replace(/^whsec_/, ''), 'base64').length;
  if (bytes < shortestSecretBytes) {
    return ill(
      'Webhook',
      `the secret has ${bytes} bytes`,
      `set WEBHOOK_SECRET to whsec_ and ${shortestSecretBytes} or more bytes as base64`,
    );
  }
  const { protocol, hostname } = new URL(address);
  if (protocol !== 'https:' && !settings.WEBHOOK_ALLOW_PRIVATE) {
    return ill('Webhook', `${hostname} would get alerts unencrypted`, 'use an https:// address in WEBHOOK_URL');
  }
  return well('Webhook', hostname);
}
