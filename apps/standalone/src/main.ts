#!/usr/bin/env node
import { runRole } from '#platform';
import { asRole, roleNames } from './start-roles.js';

await runRole('standalone', asRole(...roleNames));
