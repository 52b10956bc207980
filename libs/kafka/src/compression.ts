import { init as initZstd, compress as zstdCompress, decompress as zstdDecompress } from '@bokuweb/zstd-wasm';
import kafkajs from 'kafkajs';
import lz4 from 'lz4-napi';
import snappy from 'snappy';

/** What kafkajs wants of a codec: it hands over an encoder to compress and a buffer to read. */
export interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

// Java clients wrap snappy blocks as xerial's stream does: magic, two versions, then blocks with their length in front.
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderBytes = xerialMagic.length + 8;

export const snappyCodec: Codec = {
  compress: (encoder) => snappy.compress(encoder.buffer),
  async decompress(buffer) {
    if (!buffer.subarray(0, xerialMagic.length).equals(xerialMagic)) return uncompressSnappy(buffer);
    const blocks: Buffer[] = [];
    for (let at = xerialHeaderBytes; at < buffer.length;) {
      const end = at + 4 + buffer.readUInt32BE(at);
      blocks.push(await uncompressSnappy(buffer.subarray(at + 4, end)));
      at = end;
    }
    return Buffer.concat(blocks);
  },
};

async function uncompressSnappy(block: Buffer): Promise<Buffer> {
  return (await snappy.uncompress(block, { asBuffer: true })) as Buffer;
}

export const lz4Codec: Codec = {
  compress: (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
};

let zstdReady: Promise<void> | undefined;
const readyZstd = (): Promise<void> => (zstdReady ??= initZstd());

// The Java client streams, so its frames do not say how long they get: the room is doubled until it fits.
const firstZstdRoom = 1 << 20;
const mostZstdRoom = 1 << 28;

export const zstdCodec: Codec = {
  async compress(encoder) {
    await readyZstd();
    return Buffer.from(zstdCompress(encoder.buffer, 3));
  },
  async decompress(buffer) {
    await readyZstd();
    for (let room = Math.max(firstZstdRoom, buffer.length * 8); ; room *= 4) {
      try {
        const bytes = zstdDecompress(buffer, { defaultHeapSize: room });
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } catch (cause) {
        if (room >= mostZstdRoom) throw cause;
      }
    }
  },
};

/** kafkajs reads and writes gzip by itself; this teaches it the other three. Repeating it changes nothing. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = () => snappyCodec;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4Codec;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstdCodec;
}
