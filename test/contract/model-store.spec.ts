import { ClickHouseModelStore } from '#clickhouse';
import { epochMs, tenantId } from '#domain';
import { scorerOf, versionInForce } from '#scoring';
import { aCard, aModel } from '../support/a-model.js';
import { EmbeddedStore } from '../support/embedded-store.js';

const embedded = new EmbeddedStore('model_test');
const models = new ClickHouseModelStore(embedded.store);
const owner = { tenant: tenantId('default'), pack: 'app' };
const others = [
  { ...owner, pack: 'bank' },
  { ...owner, tenant: tenantId('other') },
];

describe('the scores that were trained', () => {
  beforeAll(() => embedded.migrate());
  afterAll(() => embedded.close());

  it('come back as they were kept, to the last bit, the newest first', async () => {
    expect(await models.cards(owner)).toEqual([]);
    const [first, second] = [aCard('first'), aCard('second', { trainedAt: epochMs(Date.UTC(2026, 3, 1)) })];
    await models.keep(first);
    await models.keep(second);
    expect(await models.cards(owner)).toEqual([second, first]);
    expect(scorerOf((await models.cards(owner))[1]!.model)).toMatchObject({
      ...scorerOf(aModel()),
      features: expect.anything(),
    });
  });

  it('are kept once: another training on the same data changes nothing', async () => {
    const before = await models.cards(owner);
    await models.keep({ ...before[0]!, trainedAt: epochMs(Date.UTC(2026, 4, 1)) });
    expect(await models.cards(owner)).toEqual(before);
  });

  it('keep a figure that nobody could work out as unknown', async () => {
    const { evidence } = aCard('x');
    const quality = { ...evidence.quality, auc: null };
    const card = aCard('one-sided', { pack: 'telecom', evidence: { ...evidence, quality } });
    await models.keep(card);
    expect(await models.cards({ ...owner, pack: 'telecom' })).toEqual([card]);
  });

  it('are in force by the last change, and every change stays', async () => {
    const changes = [
      { kind: 'promote', version: 'first', at: epochMs(10) },
      { kind: 'promote', version: 'second', at: epochMs(11) },
      { kind: 'rollback', version: 'first', at: epochMs(12) },
      { kind: 'rollback', version: null, at: epochMs(13) },
    ] as const;
    for (const change of changes) await models.append(owner, change);
    expect(await models.changes(owner)).toEqual(changes);
    expect(versionInForce(changes)).toBeNull();
  });

  it.each(others)('are nobody else’s: %j', async (other) => {
    expect(await models.cards(other)).toEqual([]);
    expect(await models.changes(other)).toEqual([]);
  });
});
