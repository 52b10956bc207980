#!/usr/bin/env node
import { explainFailure } from '#platform';
import { churnwatch } from './program.js';
import { processTerminal } from './terminal.js';

try {
  await churnwatch(processTerminal()).parseAsync();
} catch (error) {
  process.stderr.write(`${explainFailure('command', error)}\n`);
  process.exitCode = 1;
}
