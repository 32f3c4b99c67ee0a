// An application that leaves every screen to the published components. Nothing
// says where their scripts come from: the key does, and so names the instance.
import { ClerkProvider, OrganizationProfile, OrganizationSwitcher, Show, SignIn, SignUp, UserButton, UserProfile } from '@clerk/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

function Home() {
  return (
    <>
      <Show when="signed-out">
        <a href="/sign-in">Sign in</a>
      </Show>
      <Show when="signed-in">
        <nav style={{ display: 'flex', justifyContent: 'space-between', padding: '1rem' }}>
          <OrganizationSwitcher />
          <UserButton />
        </nav>
      </Show>
    </>
  );
}

const screens = {
  '/': <Home />,
  '/sign-in': <SignIn routing="hash" signUpUrl="/sign-up" fallbackRedirectUrl="/" />,
  '/sign-up': <SignUp routing="hash" signInUrl="/sign-in" fallbackRedirectUrl="/" />,
  '/user': <UserProfile routing="hash" />,
  '/organization': <OrganizationProfile routing="hash" />,
};

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <ClerkProvider
      publishableKey={import.meta.env.VITE_CLERK_PUBLISHABLE_KEY}
      signInUrl="/sign-in"
      signUpUrl="/sign-up"
      telemetry={false}
    >
      {screens[location.pathname]}
    </ClerkProvider>
  </StrictMode>,
);
