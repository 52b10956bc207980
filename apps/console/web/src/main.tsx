import { render } from 'preact';
import { AlertsPage } from './pages/alerts.js';
import { CustomerPage } from './pages/customer.js';
import { OverviewPage } from './pages/overview.js';
import { PackProvider } from './pack.js';
import { useRoute } from './route.js';
import type { Route } from './route.js';
import { Shell } from './shell.js';
import './styles/theme.css';
import './styles/layout.css';
import './styles/parts.css';
import { LanguageProvider } from './texts/language.js';

function Console() {
  const route = useRoute();
  return (
    <LanguageProvider>
      <PackProvider>
        <Shell route={route}>
          <Page route={route} />
        </Shell>
      </PackProvider>
    </LanguageProvider>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'alerts':
      return <AlertsPage />;
    case 'customer':
      return <CustomerPage key={route.customer} id={route.customer} />;
  }
}

render(<Console />, document.getElementById('console')!);
