import fc from 'fast-check';
import { lz4Codec, snappyCodec, zstdCodec } from './compression.js';

const codecs = { snappyCodec, lz4Codec, zstdCodec };

describe.each(Object.entries(codecs))('%s', (_name, codec) => {
  it('gives back any bytes it was given', async () => {
    const anyBytes = fc.uint8Array({ minLength: 1, maxLength: 5_000 });
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const buffer = Buffer.from(bytes);
        expect((await codec.decompress(await codec.compress({ buffer }))).equals(buffer)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('shrinks and gives back several megabytes', async () => {
    const buffer = Buffer.from('{"type":"app_open","customer":"c-1"}'.repeat(150_000));
    const small = await codec.compress({ buffer });
    expect(small.length).toBeLessThan(buffer.length / 10);
    expect((await codec.decompress(small)).equals(buffer)).toBe(true);
  });

  it('refuses bytes that are none of its own', async () => {
    await expect(codec.decompress(Buffer.from('certainly not compressed'))).rejects.toThrow();
  });
});

describe('snappy as Java writes it', () => {
  it('reads a stream of several blocks', async () => {
    const blocks = await Promise.all(
      ['first ', 'second'].map((text) => snappyCodec.compress({ buffer: Buffer.from(text) })),
    );
    const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    const framed = blocks.map((block) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(block.length);
      return Buffer.concat([length, block]);
    });
    expect((await snappyCodec.decompress(Buffer.concat([header, ...framed]))).toString()).toBe('first second');
  });
});
