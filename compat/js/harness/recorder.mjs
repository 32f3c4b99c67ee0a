// A proxy between an SDK and the server that writes down what passes.
import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

import { Normaliser } from './normaliser.mjs';

const folder = path.resolve(import.meta.dirname, '../../../wire/testdata');
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'cookie',
  'origin',
  'user-agent',
  'x-mobile',
  'clerk-api-version',
];
const RESPONSE_HEADERS = [
  'authorization',
  'content-type',
  'location',
  'set-cookie',
  'retry-after',
  'access-control-allow-origin',
  'access-control-allow-credentials',
];

export class Recorder {
  exchanges = [];
  normaliser = new Normaliser();

  static async start({ name, sdk, server }) {
    const recorder = new Recorder();
    Object.assign(recorder, { name, sdk, target: new URL(server.url) });
    recorder.normaliser.constant('secret_key', server.secretKey);
    recorder.normaliser.constant('publishable_key', server.publishableKey);
    recorder.normaliser.constant('host', recorder.target.host);
    recorder.listener = http.createServer((request, response) => recorder.pass(request, response));
    await new Promise(resolve => recorder.listener.listen(0, '127.0.0.1', resolve));
    recorder.url = `http://127.0.0.1:${recorder.listener.address().port}`;
    recorder.normaliser.constant('host', new URL(recorder.url).host);
    return recorder;
  }

  async pass(request, response) {
    const body = await collect(request);
    // The place is taken on arrival: answers of parallel requests may overtake
    // each other, and a replay asks in the order of the questions.
    const exchange = {};
    this.exchanges.push(exchange);
    const { host, port } = { host: this.target.hostname, port: this.target.port };
    const onward = http.request(
      { host, port, method: request.method, path: request.url, headers: { ...request.headers, host: this.target.host } },
      async answer => {
        const answered = await collect(answer);
        Object.assign(exchange, this.exchange(request, body, answer, answered));
        response.writeHead(answer.statusCode, answer.headers);
        response.end(answered);
      },
    );
    onward.on('error', () => response.destroy());
    onward.end(body);
  }

  exchange(request, body, answer, answered) {
    // Credentials are learnt before anything is written down.
    if (answer.headers.authorization) this.normaliser.name('client_token', answer.headers.authorization);
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [, value] = /^__client=([^;]+)/.exec(cookie) ?? [];
      if (value) this.normaliser.name('client_token', value);
    }
    const url = new URL(request.url, 'http://recorded');
    return {
      request: {
        method: request.method,
        path: this.normaliser.text(decodeURIComponent(url.pathname)),
        query: pairs(url.searchParams, this.normaliser),
        headers: this.headers(request.headers, REQUEST_HEADERS),
        ...requestBody(request.headers['content-type'] ?? '', body.toString(), this.normaliser),
      },
      response: {
        status: answer.statusCode,
        headers: this.headers(answer.headers, RESPONSE_HEADERS),
        ...responseBody(answered.toString(), this.normaliser),
      },
    };
  }

  headers(headers, wanted) {
    const kept = {};
    for (const name of wanted) {
      if (headers[name] === undefined) continue;
      let value = headers[name];
      if (name === 'cookie') value = value.split(/; */).filter(pair => pair.startsWith('__client=')).join('; ');
      // The browser is Debian's, whichever that is on the day.
      if (name === 'user-agent') value = value.replace(/Chrome\/[\d.]+/, 'Chrome/0');
      if (name === 'set-cookie') value = value.map(cookie => this.normaliser.text(cookie.replace(/Expires=[^;]+/i, 'Expires=…')));
      if (typeof value === 'string') value = this.normaliser.text(value);
      if (value !== '' || name === 'authorization') kept[name] = value;
    }
    return kept;
  }

  async finish() {
    await new Promise(resolve => {
      this.listener.close(resolve);
      this.listener.closeAllConnections();
    });
    await mkdir(folder, { recursive: true });
    const whole = this.exchanges.filter(exchange => exchange.response);
    const text = JSON.stringify({ sdk: this.sdk, exchanges: withoutRepeats(whole) }, null, 1);
    await writeFile(path.join(folder, `${this.name}.json`), text + '\n');
  }
}

// Every launch asks for the environment, and is told the same: an answer that
// was given before is written down as the place where it stands.
function withoutRepeats(exchanges) {
  const places = new Map();
  return exchanges.map(({ request, response }, place) => {
    const text = JSON.stringify(response);
    const before = places.get(text);
    if (before !== undefined) return { request, same_as: before };
    places.set(text, place);
    return { request, response };
  });
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function pairs(params, normaliser) {
  const all = {};
  for (const [name, value] of params) (all[name] ??= []).push(normaliser.text(value));
  for (const name of Object.keys(all)) if (all[name].length === 1) [all[name]] = all[name];
  return all;
}

function requestBody(type, body, normaliser) {
  if (body === '') return {};
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return { form: pairs(new URLSearchParams(body), normaliser) };
  }
  if (type.startsWith('application/json')) return { json: normaliser.json(JSON.parse(body)) };
  return { text: normaliser.text(body) };
}

function responseBody(body, normaliser) {
  if (body === '') return {};
  try {
    return { body: normaliser.json(JSON.parse(body)) };
  } catch {
    return { text: normaliser.text(body) };
  }
}
