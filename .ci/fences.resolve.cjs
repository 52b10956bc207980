const { resolve } = require('node:path');
const { imports } = require('../package.json');

/** The `#names` of package.json point into dist/; the fences look at the sources. */
const alias = Object.entries(imports).map(([name, built]) => ({
  name,
  alias: resolve(__dirname, '..', built.replace('./dist/', '').replace(/\.js$/, '.ts')),
  onlyModule: true,
}));

module.exports = { resolve: { alias } };
