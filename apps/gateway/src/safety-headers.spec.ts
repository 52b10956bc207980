import { RunningGateway } from './testing/running-gateway.js';

const gateway = new RunningGateway();
beforeAll(() => gateway.start());
afterAll(() => gateway.stop());

const strict =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const headersOf = async (path: string): Promise<Headers> => (await fetch(gateway.base + path)).headers;
const policyOf = async (path: string): Promise<ReadonlyMap<string, string>> => {
  const text = (await headersOf(path)).get('content-security-policy') ?? '';
  return new Map(text.split('; ').map((part) => part.split(/ (.*)/) as [string, string]));
};

describe('what browsers are told', () => {
  it.each(['/', '/index.html', '/v1/overview', '/docs-json', '/nothing', '/documents'])(
    'lets %s load files of its own origin and nothing else',
    async (path) => {
      expect((await headersOf(path)).get('content-security-policy')).toBe(strict);
    },
  );

  it.each(['/docs', '/docs/', '/docs?x', '/docs/swagger-ui-init.js'])(
    'gives %s its inline style and drawn pictures, and still no foreign or inline script',
    async (path) => {
      const policy = await policyOf(path);
      expect(policy.get('default-src')).toBe("'none'");
      expect(policy.get('script-src')).toBe("'self'");
      expect(policy.get('style-src')).toBe("'self' 'unsafe-inline'");
      expect(policy.get('img-src')).toBe("'self' data:");
      expect(policy.get('frame-ancestors')).toBe("'none'");
    },
  );

  it.each(['/', '/docs', '/v1/overview', '/nothing'])('has %s neither sniffed nor told of elsewhere', async (path) => {
    const headers = await headersOf(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});
