import type { AlertItem } from '#contracts';
import { useLanguage } from '../texts/language.js';
import { CustomerLink, Instant, ReasonWords, SeverityBadge } from './badges.js';
import { EvidenceList } from './evidence.js';

/** One alert as a person would tell it: who, why, what to do, how it was told. */
export function AlertCard({ alert, ofOneCustomer = false }: { alert: AlertItem; ofOneCustomer?: boolean }) {
  const { t, format, say } = useLanguage();
  const detectionMs = Date.parse(alert.detectedAt) - Date.parse(alert.becameDueAt);
  return (
    <article class={`alert edge-${alert.severity}`} data-alert={alert.id}>
      <header>
        <SeverityBadge severity={alert.severity} />
        <h3>{say(alert.title)}</h3>
        {!ofOneCustomer && <CustomerLink customer={alert.customer} />}
        {alert.episode > 1 && <span class="quiet">{t.episode(format.count(alert.episode))}</span>}
      </header>
      <p class="reason">{say(alert.text)}</p>
      <dl class="facts">
        <div class="wide">
          <dt>{t.action}</dt>
          <dd>
            <b>{say(alert.playbook.title)}</b>: {say(alert.playbook.action)}
          </dd>
        </div>
        <div data-reason={alert.reason}>
          <dt>{t.reason}</dt>
          <dd>
            <ReasonWords code={alert.reason} />
          </dd>
        </div>
        <div>
          <dt>{t.owner}</dt>
          <dd>{alert.playbook.owner}</dd>
        </div>
        <div>
          <dt>{t.actionDue}</dt>
          <dd>
            <Instant at={alert.playbook.dueAt} />
          </dd>
        </div>
        <div data-detection>
          <dt>{t.becameDue}</dt>
          <dd>
            <Instant at={alert.becameDueAt} />
          </dd>
          <dt>{t.detectedAfter}</dt>
          <dd>{format.span(Math.max(0, detectionMs))}</dd>
        </div>
      </dl>
      <footer>
        <Deliveries deliveries={alert.deliveries} />
        <details>
          <summary>{t.evidence}</summary>
          <EvidenceList rule={alert.rule} evidence={alert.evidence} />
        </details>
      </footer>
    </article>
  );
}

function Deliveries({ deliveries }: { deliveries: AlertItem['deliveries'] }) {
  const { t, format } = useLanguage();
  if (deliveries.length === 0) return <p class="quiet">{t.notDelivered}</p>;
  return (
    <ul class="deliveries" aria-label={t.deliveries}>
      {deliveries.map((delivery) => (
        <li key={delivery.channel} class={`chip delivery-${delivery.state}`} title={delivery.detail}>
          <b>{delivery.channel}</b> {t.deliveryStates[delivery.state]}
          {delivery.attempts > 1 && <span class="quiet"> {t.attempts(format.count(delivery.attempts))}</span>}
        </li>
      ))}
    </ul>
  );
}
