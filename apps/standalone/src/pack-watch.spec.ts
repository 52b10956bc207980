import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pack } from '#domain';
import { loadPack, Rulebook } from '#pipeline';
import { createLog } from '#platform';
import { PackWatch } from './pack-watch.js';

describe('the files of the pack in force', () => {
  const root = mkdtempSync(join(tmpdir(), 'churnwatch-watch-'));
  let count = 0;
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const watched = () => {
    const folder = join(root, String(count++));
    cpSync('packs/app', folder, { recursive: true });
    const rulebook = new Rulebook(loadPack(folder));
    const lines: Record<string, unknown>[] = [];
    const kept: string[] = [];
    const store = { isDown: false };
    const keep = async (pack: Pack): Promise<void> => {
      if (store.isDown) throw new Error('the store is away');
      kept.push(pack.version);
    };
    const log = createLog('test', 'info', { write: (line) => void lines.push(JSON.parse(line) as never) });
    const change = (from: string, to: string, file = 'rules.yaml'): void => {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      expect(text).toContain(from);
      writeFileSync(path, text.replace(from, to));
    };
    return { folder, rulebook, lines, kept, store, change, watch: new PackWatch({ folder, rulebook, keep, log }) };
  };

  it('are adopted when they change, and kept before that', async () => {
    const { rulebook, lines, kept, change, watch } = watched();
    const before = rulebook.version;
    await watch.look();
    expect([rulebook.version, kept, lines]).toEqual([before, [], []]);
    change('silent_days > 5.0', 'silent_days > 6.0');
    await watch.look();
    expect(rulebook.version).not.toBe(before);
    expect(kept).toEqual([rulebook.version]);
    expect(lines).toMatchObject([{ event: 'rules-adopted', before, rules: ['silent-beyond-rhythm'] }]);
    await watch.look();
    expect(lines).toHaveLength(1);
  });

  it('stay as they were while there is a mistake in them, which is said once', async () => {
    const { rulebook, lines, change, watch } = watched();
    const before = rulebook.current;
    change('silent_days > 5.0', 'silent_dys > 5.0');
    await watch.look();
    await watch.look();
    expect(rulebook.current).toBe(before);
    expect(watch.refusal).toMatch(/rules\.yaml:\d+:\d+: unknown signal "silent_dys", did you mean "silent_days"\?/);
    expect(lines.map(({ event }) => event)).toEqual(['rules-refused']);
    change('silent_dys > 5.0', 'silent_days > 5.0');
    await watch.look();
    expect([watch.refusal, rulebook.version]).toEqual(['', before.version]);
    expect(lines.map(({ event }) => event)).toEqual(['rules-refused', 'rules-mended']);
  });

  it('are not adopted again for a comment', async () => {
    const { rulebook, lines, kept, change, watch } = watched();
    const before = rulebook.current;
    change('rules:\n', '# Reviewed.\nrules:\n');
    await watch.look();
    expect(rulebook.current).toBe(before);
    expect([kept, lines]).toEqual([[], []]);
  });

  it('may be away for a moment', async () => {
    const { folder, rulebook, watch } = watched();
    const before = rulebook.current;
    renameSync(folder, `${folder}-away`);
    await watch.look();
    expect(rulebook.current).toBe(before);
    renameSync(`${folder}-away`, folder);
    await watch.look();
    expect([watch.refusal, rulebook.version]).toEqual(['', before.version]);
  });

  it('are not adopted before the store has them', async () => {
    const { rulebook, store, change, watch } = watched();
    const before = rulebook.current;
    change('silent_days > 5.0', 'silent_days > 6.0');
    store.isDown = true;
    await expect(watch.look()).rejects.toThrow('the store is away');
    expect(rulebook.current).toBe(before);
    store.isDown = false;
    await watch.look();
    expect(rulebook.version).not.toBe(before.version);
  });
});
