import type { Environment } from '#platform';
import {
  checkAllSettings,
  clickhouseSettings,
  courierSettings,
  generalSettings,
  httpSettings,
  kafkaSettings,
  loadConfig,
} from '#platform';
import type { Terminal } from '../terminal.js';
import type { Finding } from './finding.js';
import { ill, messageOf, well } from './finding.js';
import { checkDataDir, checkNode, checkPort } from './machine.js';
import { checkKafka, checkSmtp, checkStore, checkWebhook } from './neighbours.js';

/** Everything a process would trip over, before it does. */
export async function examine(env: Environment): Promise<readonly Finding[]> {
  try {
    checkAllSettings(env);
  } catch (error) {
    // Without settings nothing else can be looked at.
    return [checkNode(), ill('Settings', messageOf(error), 'mend these; docs/configuration.md explains each')];
  }
  const general = loadConfig(generalSettings, env);
  const http = loadConfig(httpSettings, env);
  const courier = loadConfig(courierSettings, env);
  const dataDir = await checkDataDir(general.DATA_DIR);
  return [
    checkNode(),
    well('Settings', 'all can be used'),
    dataDir,
    await checkStore({ ...general, ...loadConfig(clickhouseSettings, env) }),
    ...(await Promise.all([
      checkKafka(loadConfig(kafkaSettings, env)),
      checkSmtp(courier.SMTP_URL),
      checkPort('HTTP_PORT', http.HTTP_HOST, http.HTTP_PORT),
      checkPort('METRICS_PORT', http.METRICS_HOST, http.METRICS_PORT),
    ])),
    checkWebhook(courier),
  ];
}

/** Says what is well, what is not and what to do. True when nothing is ill. */
export async function doctor(env: Environment, terminal: Terminal): Promise<boolean> {
  const findings = await examine(env);
  for (const finding of findings) {
    terminal.say(`${finding.kind === 'well' ? 'ok  ' : 'FAIL'} ${finding.name}: ${finding.detail}`);
    if (finding.kind === 'ill') terminal.say(`     -> ${finding.todo}`);
  }
  const illnesses = findings.filter(({ kind }) => kind === 'ill').length;
  terminal.say(illnesses === 0 ? 'All is well.' : `${illnesses} thing${illnesses === 1 ? '' : 's'} to mend.`);
  return illnesses === 0;
}
