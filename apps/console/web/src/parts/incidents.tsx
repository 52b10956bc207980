import type { IncidentsAnswer } from '#contracts';
import { useLanguage } from '../texts/language.js';
import { Instant } from './badges.js';
import { Panel } from './panel.js';

const mostShown = 5;

/** What very many customers fail at, or of whom nothing is heard; also what lately was so. Nothing where there has been none. */
export function Incidents({ incidents }: { incidents: IncidentsAnswer['items'] }) {
  const { t, format } = useLanguage();
  if (incidents.length === 0) return null;
  return (
    <Panel title={t.incidents}>
      <div class="scroll" tabIndex={0} role="region" aria-label={t.incidents}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.failingAt}</th>
              <th scope="col">{t.ofWhom}</th>
              <th scope="col">{t.since}</th>
              <th scope="col">{t.until}</th>
              <th scope="col" class="number">
                {t.affected}
              </th>
              <th scope="col" class="number">
                {t.valueAtRisk}
              </th>
              <th scope="col" class="number">
                {t.cameBack}
              </th>
            </tr>
          </thead>
          <tbody>
            {incidents.slice(0, mostShown).map((incident) => (
              <tr key={incident.id} data-incident={incident.id}>
                <th scope="row">
                  {incident.kinds.map((kind) => (kind === 'silent' ? t.nothingHeard : t.eventTypes[kind])).join(', ')}
                </th>
                <td>{wordsOf(incident.extent) || t.everybody}</td>
                <td class="when">
                  <Instant at={incident.beganAt} />
                </td>
                <td class="when">
                  {incident.endedAt === null ? (
                    <span class="count-given-up">{t.stillOpen}</span>
                  ) : (
                    <Instant at={incident.endedAt} />
                  )}
                </td>
                <td class="number">{format.count(incident.affected)}</td>
                <td class="number">{format.quantity(incident.valueAtRisk)}</td>
                <td class="number">{incident.cameBack === null ? '' : format.count(incident.cameBack)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

const wordsOf = ({ appVersion, platform, channel }: IncidentsAnswer['items'][number]['extent']): string =>
  [appVersion, platform, channel].filter((part) => part !== '').join(' × ');
