#!/usr/bin/env node
import { runRole } from '#platform';
import { asRole } from '../../standalone/src/start-roles.js';

await runRole('courier', asRole('courier'));
