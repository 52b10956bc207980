import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { loadConfig, sectionNames, settingRows, settingSections } from '#platform';

const root = process.cwd();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
}
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const settingNames = new Set(sectionNames.flatMap((section) => settingRows(section).map(({ name }) => name)));
/** `${NAME:-fallback}` as somebody sees it who set nothing. */
const resolved = (value: string): string => value.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1');

describe('docker-compose.yml', () => {
  it('is what the Compose specification allows', () => {
    const path = createRequire(import.meta.url).resolve('docker-compose/package.json');
    // The schema names its dialect (draft 7) by an address that is not quite the dialect's own.
    const schema = {
      ...(JSON.parse(readFileSync(join(path, '../schema/compose-spec.json'), 'utf8')) as object),
      $schema: 'http://json-schema.org/draft-07/schema#',
    };
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addFormat('duration', /^\d+(ms|s|m|h)/);
    const isValid = ajv.compile(schema);
    isValid(JSON.parse(JSON.stringify(compose)));
    expect(isValid.errors ?? []).toEqual([]);
  });

  it.each(services)('%s has a pinned image and is reached from this machine only', (_, { image, ports }) => {
    expect(image).toMatch(/:[\w.-]*\d[\w.-]*$|^churnwatch:local$/);
    expect((ports ?? []).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it.each(services)('%s mounts files that are there and volumes that are declared', (_, { volumes }) => {
    for (const volume of volumes ?? []) {
      const [from] = volume.split(':');
      if (from!.startsWith('.')) expect([from, existsSync(join(root, from!))]).toEqual([from, true]);
      else expect(Object.keys(compose.volumes)).toContain(from);
    }
  });

  it.each(services)('%s waits for services that can become what it waits for', (_, { depends_on }) => {
    for (const [name, { condition }] of Object.entries(depends_on ?? {})) {
      const other = compose.services[name];
      expect([name, other !== undefined]).toEqual([name, true]);
      const isChecked = other?.healthcheck?.test !== undefined;
      if (condition === 'service_healthy') expect([name, isChecked]).toEqual([name, true]);
    }
  });

  it('runs every role once, and both jobs', () => {
    const commands = ours.map(([, { command }]) => command!.join(' '));
    expect(commands.sort()).toEqual([
      'churnwatch migrate',
      'churnwatch topics',
      'courier',
      'gateway',
      'sentinel',
      'tracker',
    ]);
  });
});

describe.each(ours)('our service %s', (_, service) => {
  const environment = Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, resolved(String(value))]),
  );

  it('is given settings that exist and can be used', () => {
    expect(Object.keys(environment).filter((name) => !settingNames.has(name.replace(/_FILE$/, '')))).toEqual([]);
    for (const section of Object.values(settingSections)) expect(() => loadConfig(section, environment)).not.toThrow();
  });

  it('talks to services of this file, on ports they listen on', () => {
    const broker = environment['KAFKA_BROKERS']!.split(':');
    expect(read('deploy/kafka/server.properties')).toContain(`//${broker[0]}:${broker[1]}`);
    expect(new URL(environment['CLICKHOUSE_URL']!).hostname).toBe('clickhouse');
    expect(environment['CLICKHOUSE_PASSWORD']).toBe(
      resolved(compose.services['clickhouse']!.environment!['CLICKHOUSE_PASSWORD']!),
    );
    if (environment['SMTP_URL']) expect(compose.services).toHaveProperty(new URL(environment['SMTP_URL']).hostname);
  });

  it('writes nowhere but to its volume', () => {
    expect(service.read_only).toBe(true);
  });

  it('has more time to stop than it takes', () => {
    if (service.command![0] === 'churnwatch') return;
    expect(Number.parseInt(service.stop_grace_period!, 10) * 1_000).toBeGreaterThan(Number(environment['DRAIN_MS']));
  });
});

describe('the image', () => {
  const dockerfile = read('deploy/docker/Dockerfile');
  const entrypoint = read('deploy/docker/entrypoint.sh');

  it('knows exactly the roles that exist', () => {
    const [, listed] = /^ {2}(gateway [^)]*)\)/m.exec(entrypoint)!;
    const roles = listed!.split('|').map((role) => role.trim());
    expect(roles.filter((role) => !existsSync(join(root, `apps/${role}/src/main.ts`)))).toEqual([]);
    expect(existsSync(join(root, 'apps/cli/src/main.ts'))).toBe(true);
  });

  it('copies what is there, or what the build makes', () => {
    const copied = [...dockerfile.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(' '));
    const wanted = copied
      .map((path) => path.replace('/app/', ''))
      .filter((path) => !['dist', 'node_modules'].includes(path));
    expect(wanted.length).toBeGreaterThan(3);
    expect(wanted.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('leaves out of the build context nothing that the image needs', () => {
    const ignored = read('.dockerignore').trim().split('\n');
    for (const needed of ['apps', 'libs', 'packs', 'data', 'deploy', 'package-lock.json', 'tsconfig.build.json']) {
      expect(ignored).not.toContain(needed);
    }
  });

  it('sets only settings that exist, and not as root', () => {
    const env = /^ENV ([\s\S]*?)(?=^[A-Z]+ )/m.exec(dockerfile)![1]!;
    const names = [...env.matchAll(/([A-Z_]+)=/g)].map(([, name]) => name!).filter((name) => name !== 'NODE_ENV');
    expect(names.filter((name) => !settingNames.has(name))).toEqual([]);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});
