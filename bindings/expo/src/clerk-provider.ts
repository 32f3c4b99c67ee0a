/** For apps that import the published package: its provider, with everything of this one. */
import { ClerkProvider, useAuth } from '@clerk/expo';

import { instance } from './index.js';
import { createProvider, type Published } from './provider.js';

export const PerennialClerkProvider = createProvider(
  // Both have more props and results than are used.
  { ClerkProvider, useAuth } as unknown as Published,
  instance,
);
