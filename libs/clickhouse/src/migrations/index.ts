import { events } from './0001-events-and-windows.js';
import { decisions } from './0002-flags-and-alerts.js';
import { logs } from './0003-log-and-dead-letters.js';
import { countedMoves } from './0004-counted-moves.js';
import { fence } from './0005-fence.js';
import { countedIdentities } from './0006-counted-identities.js';
import { lettersKept } from './0007-letters-kept.js';
import { feeds } from './0008-feeds.js';
import { intents } from './0009-intents.js';
import { amendedMoves } from './0010-amended-moves.js';
import { keptRules } from './0011-kept-rules.js';
import { incidents } from './0012-incidents.js';
import { lifecycle } from './0013-lifecycle.js';
import { cells } from './0014-cells.js';
import { scoreModels } from './0015-score-models.js';
import type { Migration } from './migration.js';

export const migrations: readonly Migration[] = [
  events,
  decisions,
  logs,
  countedMoves,
  fence,
  countedIdentities,
  lettersKept,
  feeds,
  intents,
  amendedMoves,
  keptRules,
  incidents,
  lifecycle,
  cells,
  scoreModels,
];
