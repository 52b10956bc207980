import { useAlertShelf } from '../live/older-alerts.js';
import { AlertCard } from '../parts/alert.js';
import { Loading } from '../parts/loading.js';
import { NewAlertsAnnouncer } from '../parts/new-alerts.js';
import { Empty } from '../parts/panel.js';
import { PageTitle } from '../parts/title.js';
import { useLanguage } from '../texts/language.js';

const pageSize = 25;

export function AlertsPage() {
  const { t, format } = useLanguage();
  const { first, shelf, asking, older } = useAlertShelf(pageSize);
  const shown = shelf.items.length > 0 && <span class="quiet">{t.alertsShown(format.count(shelf.items.length))}</span>;
  return (
    <>
      <PageTitle words={t.alerts} aside={shown} />
      <Loading live={first} />
      {first.value?.items.length === 0 && <Empty>{t.noAlerts}</Empty>}
      <div class="alert-list">
        {shelf.items.map((alert) => (
          <AlertCard key={alert.id} alert={alert} />
        ))}
      </div>
      {shelf.hasOlder && (
        <p class="more">
          <button type="button" disabled={asking} onClick={() => void older()}>
            {asking ? t.loading : t.showOlder}
          </button>
        </p>
      )}
      {shelf.items.length > 0 && !shelf.hasOlder && <Empty>{t.endOfAlerts}</Empty>}
      <NewAlertsAnnouncer items={first.value?.items ?? null} />
    </>
  );
}
