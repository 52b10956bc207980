// @fastify/static, which is CommonJS, requires this package, which is ESM. Node can do that; Jest's own loader can from
// Node 24.9 on. Until then Jest gets the same file, turned into CommonJS.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const source = readFileSync(join(__dirname, '../../node_modules/content-disposition/dist/index.js'), 'utf8');
const { code } = transformSync(source, { swcrc: false, jsc: { target: 'es2022' }, module: { type: 'commonjs' } });
new Function('exports', 'require', code)(exports, require);
