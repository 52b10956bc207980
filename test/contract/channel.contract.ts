import type { Alert, DeliveryResult } from '#domain';
import type { Channel } from '#pipeline';
import { anAlert } from '../support/an-alert.js';

export interface FarSide {
  readonly channel: Channel;
  /** What must never be read in the delivery log: keys, URLs, addresses, what the far side says. */
  readonly secrets: readonly string[];
  stop(): Promise<void>;
}

export interface ChannelCase {
  readonly when: string;
  readonly far: () => Promise<FarSide>;
  readonly expected: { readonly kind: DeliveryResult['kind']; readonly reason?: string; readonly afterMs?: number };
  /** Whether the far side may have it although it was not delivered. Unset: no. */
  readonly mayHaveArrived?: boolean;
}

/** What the courier may rely on with every channel. */
export function channelContract(
  name: string,
  kit: {
    readonly cases: readonly ChannelCase[];
    /** A far side that takes the alert and never answers; null where there is none. */
    readonly stuck: (() => Promise<FarSide>) | null;
  },
): void {
  describe(`the ${name} channel`, () => {
    const open: FarSide[] = [];
    const reach = async (far: () => Promise<FarSide>): Promise<FarSide> => {
      const side = await far();
      open.push(side);
      return side;
    };
    afterEach(async () => {
      for (const side of open.splice(0)) {
        await side.channel.close();
        await side.stop();
      }
    });
    const running = (): AbortSignal => new AbortController().signal;

    it.each(kit.cases)(
      'reports $expected.kind $expected.reason when $when',
      async ({ far, expected, mayHaveArrived = false }) => {
        const { channel, secrets } = await reach(far);
        const alert = anAlert();
        const result = await channel.deliver(alert, running());
        expect(result).toMatchObject(expected);
        if (result.kind === 'retry') expect(result.mayHaveArrived ?? false).toBe(mayHaveArrived);
        keepsToItself(result, [...secrets, alert.customer, alert.playbook.owner]);
      },
    );

    const delivering = kit.cases.find(({ expected }) => expected.kind === 'delivered')!;

    it.each(hostile)('delivers an alert with $what', async ({ alert }) => {
      const { channel } = await reach(delivering.far);
      expect(await channel.deliver(anAlert(alert), running())).toMatchObject({ kind: 'delivered' });
    });

    it('can be closed twice, and reports what is asked of it afterwards', async () => {
      const { channel } = await reach(delivering.far);
      await channel.close();
      await channel.close();
      expect(['delivered', 'retry', 'give-up']).toContain((await channel.deliver(anAlert(), running())).kind);
    });

    const { stuck } = kit;
    if (stuck === null) return;
    it('ends soon after it is told to', async () => {
      const { channel } = await reach(stuck);
      const stop = new AbortController();
      const delivery = channel.deliver(anAlert(), stop.signal);
      stop.abort();
      expect(await delivery).toMatchObject({ kind: 'retry' });
      expect(await channel.deliver(anAlert(), stop.signal)).toMatchObject({ kind: 'retry' });
    });
  });
}

function keepsToItself(result: DeliveryResult, secrets: readonly string[]): void {
  const said = result.kind === 'delivered' ? result.receipt : result.detail;
  for (const secret of secrets) expect(said).not.toContain(secret);
  expect(said).not.toBe('');
  expect(said.length).toBeLessThanOrEqual(200);
  expect(said).not.toMatch(/[\r\n]/);
}

const text = (value: string) => ({ en: value, zh: value });
const hostile: readonly { readonly what: string; readonly alert: Partial<Alert> }[] = [
  { what: 'line breaks', alert: { customer: 'a\r\nBcc: eve@example.com\r\n\r\nx' as Alert['customer'] } },
  { what: 'markup', alert: { title: text('<script>alert(1)</script>{{ 1 | bogus }}') } },
  { what: 'lone surrogates', alert: { customer: 'a\uD800b' as Alert['customer'] } },
  { what: 'a very long text', alert: { text: text('x'.repeat(20_000)) } },
  { what: 'no evidence', alert: { evidence: {} } },
];
