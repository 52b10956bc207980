import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAllSettings, loadConfig } from './load-config.js';
import { courierSettings, generalSettings, httpSettings, kafkaSettings } from './settings.js';

describe('settings', () => {
  it('take their defaults when unset or empty', () => {
    expect(loadConfig(generalSettings, { LOCALE: '' })).toMatchObject({ LOCALE: 'en', DATA_DIR: '.churnwatch' });
  });

  it('are frozen', () => {
    expect(Object.isFrozen(loadConfig(generalSettings, {}))).toBe(true);
  });

  it('can come from a file, without its last line break', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    writeFileSync(join(folder, 'secret'), 'whsec_c2VjcmV0\n');
    const env = { WEBHOOK_URL: 'https://example.com/', WEBHOOK_SECRET_FILE: join(folder, 'secret') };
    expect(loadConfig(courierSettings, env).WEBHOOK_SECRET).toBe('whsec_c2VjcmV0');
    rmSync(folder, { recursive: true });
  });

  it('name the variable whose file cannot be read', () => {
    expect(() => loadConfig(courierSettings, { SMTP_URL_FILE: '/no/such/file' })).toThrow(/SMTP_URL_FILE/);
  });

  it('report every mistake of a section at once', () => {
    expect(() => loadConfig(httpSettings, { HTTP_PORT: '70000', METRICS_PORT: 'x' })).toThrow(
      /HTTP_PORT[\s\S]*METRICS_PORT/,
    );
  });

  it('report the mistakes of all sections together', () => {
    expect(() => checkAllSettings({ HTTP_PORT: '-1', KAFKA_COMPRESSION: 'rar', LOCALE: 'fr' })).toThrow(
      /LOCALE[\s\S]*HTTP_PORT[\s\S]*KAFKA_COMPRESSION/,
    );
    expect(() => checkAllSettings({})).not.toThrow();
  });

  it('never repeat a value that may be a secret', () => {
    expect(() => loadConfig(courierSettings, { WEBHOOK_SECRET: 'hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as unknown }),
    );
  });

  it('want a secret with a webhook, and a user with a SASL mechanism', () => {
    expect(() => loadConfig(courierSettings, { WEBHOOK_URL: 'https://example.com' })).toThrow(/WEBHOOK_SECRET/);
    expect(() => loadConfig(kafkaSettings, { KAFKA_SASL_MECHANISM: 'plain' })).toThrow(/KAFKA_SASL_USERNAME/);
  });
});
