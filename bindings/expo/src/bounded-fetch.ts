/**
 * What the published script asks first, with an end. It reads its client and its
 * environment once: an error of the server ends the load for the launch, and an
 * answer that never comes leaves it unloaded for ever. It does know what to do
 * without network: it shows what the resource cache holds, and tries again. So
 * whatever proves nothing becomes a network failure here.
 */

export type Fetch = typeof globalThis.fetch;

/**
 * How long the script waits for either answer at first and at most, in
 * milliseconds: twice as long after each time that it waited in vain, so that a
 * slow network gets through in the end.
 */
export const answerLimit = { first: 3000, last: 30_000 } as const;

/** The reads at launch. They change nothing, so giving one up loses nothing. */
const reads = /\/v1\/(client|environment)$/;

export function createBoundedFetch(fetch: Fetch, limits: { first: number; last: number } = answerLimit): Fetch {
  let limit = limits.first;
  return async (input, init) => {
    if (!isRead(input, init)) return fetch(input, init);
    const waits = limit;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        limit = Math.min(2 * waits, limits.last);
        reject(failure(`no answer within ${waits} ms`));
      }, waits);
    });
    try {
      const answer = await Promise.race([fetch(input, init), late]);
      limit = limits.first;
      if (provesNothing(answer)) throw failure(`status ${answer.status}`);
      return answer;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Puts the bounded fetch in the place of the global one, once. */
export function boundFetch(target: { fetch: Fetch }): void {
  const installed = target as { fetch: Fetch & { perennial?: true } };
  if (installed.fetch.perennial) return;
  installed.fetch = Object.assign(createBoundedFetch(target.fetch), { perennial: true as const });
}

/** The native requests of the script, and no other ones of the app. */
function isRead(input: Parameters<Fetch>[0], init: Parameters<Fetch>[1]): boolean {
  const address = typeof input === 'string' ? input : 'url' in input ? input.url : input.href;
  const method = init?.method ?? (typeof input === 'object' && 'method' in input ? input.method : 'GET');
  const [path = '', query = ''] = address.split('?');
  return method.toUpperCase() === 'GET' && query.includes('_is_native=1') && !query.includes('_method=') && reads.test(path);
}

/**
 * Errors of the server, a wish for silence, and pages that something between
 * here and there has made. A refusal in the published form is an answer.
 */
function provesNothing(answer: Response): boolean {
  if (answer.status >= 500 || answer.status === 429) return true;
  return !(answer.headers.get('content-type') ?? '').includes('json');
}

/** What fetch itself rejects with. */
function failure(detail: string): TypeError {
  return new TypeError(`Network request failed (${detail})`);
}
