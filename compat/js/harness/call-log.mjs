// Which calls of a published SDK were made, so that a test can ask for all of them.
export class CallLog {
  /** The calls that succeeded and those that were refused, as `resource.method`. */
  succeeded = new Set();
  refused = new Map();

  /** Watches every resource of a client of @clerk/backend. */
  constructor(clerk) {
    this.calls = new Map();
    for (const [resource, api] of Object.entries(clerk)) {
      if (typeof api?.request !== 'function') continue;
      for (const method of methods(api)) {
        this.calls.set(`${resource}.${method}`, (...given) => api[method](...given));
        this.watch(api, resource, method);
      }
      this.watchRequests(api);
    }
  }

  watch(api, resource, method) {
    const original = api[method];
    const name = `${resource}.${method}`;
    api[method] = async (...given) => {
      try {
        const answer = await original.apply(api, given);
        this.succeeded.add(name);
        return answer;
      } catch (error) {
        this.refused.set(name, error);
        throw error;
      }
    };
  }

  // Every method ends in this one, with the operation that it asks for.
  watchRequests(api) {
    const original = api.request;
    api.request = options => {
      this.operation = `${options.method} /v1${options.path}`;
      return original(options);
    };
  }

  /** The names of all calls that the SDK offers. */
  get offered() {
    return [...this.calls.keys()].sort();
  }
}

// What the class of a resource offers, without what it inherits.
function methods(api) {
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(api));
  return own.filter(name => name !== 'constructor' && typeof api[name] === 'function');
}
