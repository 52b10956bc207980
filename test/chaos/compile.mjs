// A snapshot of the sources, compiled file by file: what a run breaks stays the same while somebody works on them.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';
import { rolldown } from 'rolldown';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const folders = ['apps', 'libs', 'test/chaos', 'test/support'];
const options = {
  cwd: root,
  swcrc: false,
  sourceMaps: 'inline',
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, verbatimModuleSyntax: true },
  },
  module: { type: 'es6' },
};

/** Started hundreds of times in a run: as one file each, they load in a third of the time. */
const startedOften = ['process', 'verify'];
/** Native code, what is patched where its owner finds it, and what Nest only asks for where it is used. */
const notBundled = [
  /^(chdb|snappy|lz4-napi|@bokuweb\/zstd-wasm|xxhash-wasm|kafkajs)/,
  /^(@grpc|@nestjs\/websockets|@fastify\/view|class-|amqp|mqtt|nats|ioredis)/,
];

/** Compiles into `to`, a folder inside the project (so that its dependencies are found). */
export async function compile(to) {
  for (const folder of folders) {
    for (const file of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      const source = join(file.parentPath, file.name);
      const isSource = file.isFile() && file.name.endsWith('.ts') && !/\.(spec|d)\.ts$/.test(file.name);
      if (!isSource || source.includes('/console/web/') || source.includes('/node_modules/')) continue;
      const target = join(to, relative(root, source)).replace(/\.ts$/, '.js');
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, transformFileSync(source, options).code);
    }
  }
  const { version, imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const here = Object.entries(imports).map(([name, file]) => [name, file.replace('./dist/', './')]);
  const description = { name: 'churnwatch', version, type: 'module', private: true, imports: Object.fromEntries(here) };
  writeFileSync(join(to, 'package.json'), JSON.stringify(description));
  cpSync(join(root, 'packs'), join(to, 'packs'), { recursive: true });
  cpSync(join(root, 'test/chaos/pack'), join(to, 'test/chaos/pack'), { recursive: true });
  for (const name of startedOften) {
    const file = join(to, 'test/chaos', `${name}.js`);
    const bundle = await rolldown({ input: file, platform: 'node', external: notBundled, onLog: () => {} });
    await bundle.write({ file, format: 'esm', codeSplitting: false });
    await bundle.close();
  }
}
