// The app: the provider with the published caches, and one screen that shows
// the splash, the sign-in or the content, and says so.
const React = require('react');
const { ClerkProvider, useAuth } = require('@clerk/expo');
const { resourceCache } = require('@clerk/expo/resource-cache');
const { tokenCache } = require('@clerk/expo/token-cache');

const TOKEN_PAUSE_MS = 250;

const screenOf = ({ isLoaded, isSignedIn }) => (!isLoaded ? 'splash' : isSignedIn ? 'content' : 'sign-in');

function claims(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
}

function Screen({ say }) {
  const auth = useAuth({ treatPendingAsSignedOut: false });
  const { sessionId, getToken } = auth;
  const screen = screenOf(auth);
  const newest = React.useRef(getToken);
  newest.current = getToken;

  React.useEffect(() => {
    say({ event: 'screen', screen, sessionId: sessionId ?? null });
  }, [screen, sessionId]);

  // What every request of an app does: ask for a session token, until there is one.
  React.useEffect(() => {
    if (screen !== 'content') return undefined;
    let over = false;
    let before = null;
    const ask = async () => {
      const token = await newest.current().catch(() => null);
      if (over) return;
      if (token && token !== before) {
        before = token;
        const { sid, exp } = claims(token);
        say({ event: 'token', sessionId: sid, expires: exp });
      }
      setTimeout(ask, TOKEN_PAUSE_MS);
    };
    ask();
    return () => {
      over = true;
    };
  }, [screen, sessionId]);
  return null;
}

// The provider with the published caches.
const published = ({ publishableKey, proxyUrl, children }) =>
  React.createElement(ClerkProvider, { publishableKey, proxyUrl, tokenCache, __experimental_resourceCache: resourceCache }, children);

/** The app over the published provider, or over that of bindings/expo. */
exports.App = ({ publishableKey, proxyUrl, own, say }) =>
  React.createElement(own ? require('./own-provider.cjs') : published, { publishableKey, proxyUrl }, React.createElement(Screen, { say }));
