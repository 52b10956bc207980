import { useState } from 'preact/hooks';
import { useRuleName } from '../pack.js';
import { useLanguage } from '../texts/language.js';
import type { Texts } from '../texts/texts.js';
import { StateBadge } from './badges.js';
import { dayOf } from './days.js';
import { EvidenceList } from './evidence.js';
import { moveOf } from './moves.js';
import type { Move, TimelineEntry } from './moves.js';
import { Empty, Panel } from './panel.js';

const atFirst = 60;

/** Everything that happened, newest first, under one heading per day. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const { t, format } = useLanguage();
  const [onlyMoves, setOnlyMoves] = useState(false);
  const [most, setMost] = useState(atFirst);
  const wanted = onlyMoves ? entries.filter(({ kind }) => kind === 'transition') : entries;
  const shown = wanted.slice(0, most);
  const choice = (value: boolean, words: string) => (
    <button type="button" aria-pressed={onlyMoves === value} onClick={() => setOnlyMoves(value)}>
      {words}
    </button>
  );
  return (
    <Panel
      title={t.timeline}
      class="timeline"
      aside={
        <div class="choice" role="group" aria-label={t.timeline}>
          {choice(false, t.allEntries)}
          {choice(true, t.onlyMoves)}
        </div>
      }
    >
      {shown.length === 0 && <Empty>{t.noTimeline}</Empty>}
      {[...Map.groupBy(shown, ({ at }) => dayOf(at))].map(([day, ofDay]) => (
        <div key={day} class="timeline-day">
          <h3>{format.day(day)}</h3>
          <ol>
            {ofDay.map((entry, index) => (
              <Entry key={`${entry.at} ${entry.kind} ${entry.type} ${index}`} entry={entry} />
            ))}
          </ol>
        </div>
      ))}
      {wanted.length > most && (
        <button type="button" onClick={() => setMost(Infinity)}>
          {t.showOlder}
        </button>
      )}
    </Panel>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { t, format } = useLanguage();
  const move = moveOf(entry);
  return (
    <li class={`entry ${move ? `entry-move to-${move.to}` : 'entry-event'}`}>
      <time dateTime={entry.at} title={entry.at}>
        {format.clock(entry.at)}
      </time>
      {move ? (
        <MoveWords move={move} />
      ) : (
        <div>
          <span>{nameOf(entry.type, t)}</span>
          {entry.amount !== null && <b class="amount">{format.quantity(entry.amount)}</b>}
          <Attributes detail={entry.detail} />
        </div>
      )}
    </li>
  );
}

function MoveWords({ move }: { move: Move }) {
  const { t } = useLanguage();
  const ruleName = useRuleName();
  return (
    <div>
      <div class="move">
        <b>{ruleName(move.rule).title}</b>
        {move.from && <StateBadge state={move.from} />}
        <span aria-hidden="true">→</span>
        <StateBadge state={move.to} />
      </div>
      {Object.keys(move.evidence).length > 0 && (
        <>
          <p class="quiet">{t.evidenceThen}</p>
          <EvidenceList rule={move.rule} evidence={move.evidence} />
        </>
      )}
    </div>
  );
}

/** These speak for themselves; others need their name beside them. */
const nameless = new Set(['platform', 'channel', 'appVersion']);

/** What else the producer said, as it said it. */
function Attributes({ detail }: { detail: TimelineEntry['detail'] }) {
  const entries = Object.entries(detail).filter(([, value]) => value !== '' && value !== null);
  if (entries.length === 0) return null;
  return (
    <span class="attributes">
      {entries.map(([name, value]) => (
        <span key={name} title={name}>
          {!nameless.has(name) && `${name}: `}
          {typeof value === 'object' ? JSON.stringify(value) : String(value)}
        </span>
      ))}
    </span>
  );
}

const nameOf = (type: string, t: Texts): string =>
  Object.hasOwn(t.eventTypes, type) ? t.eventTypes[type as keyof Texts['eventTypes']] : type;
