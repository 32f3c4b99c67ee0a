// An application as its authors write one: React, Vite, and the published hooks.
import { ClerkProvider, Show, useClerk } from '@clerk/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { Account } from './account.jsx';
import { SignInForm } from './sign-in.jsx';
import { SignUpForm } from './sign-up.jsx';

function Status() {
  const { loaded, status } = useClerk();
  return <p id="status">{loaded ? status : 'loading'}</p>;
}

const adding = () => new URLSearchParams(location.search).has('add');

function App() {
  return (
    <ClerkProvider
      publishableKey={import.meta.env.VITE_CLERK_PUBLISHABLE_KEY}
      __internal_clerkJSUrl="/clerk-js/clerk.browser.js"
      prefetchUI={false}
      telemetry={false}
    >
      <Status />
      <Show when={adding() ? () => true : 'signed-out'}>
        <SignUpForm />
        <SignInForm />
      </Show>
      <Show when="signed-in">
        <Account />
      </Show>
    </ClerkProvider>
  );
}

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
