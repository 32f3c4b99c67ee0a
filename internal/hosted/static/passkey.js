// Asks the browser for a passkey, or to make one, and sends what it answers.
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
const text = buffer =>
  buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const named = list => (list ?? []).map(each => ({ ...each, id: bytes(each.id) }));

/** A credential as the server reads it. */
function written({ id, rawId, type, authenticatorAttachment, response }) {
  const of = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ['authenticatorData', 'signature', 'userHandle', 'attestationObject']) {
    if (response[name]) of[name] = text(response[name]);
  }
  if (response.getTransports) of.transports = response.getTransports();
  return JSON.stringify({ id, rawId: text(rawId), type, authenticatorAttachment, response: of });
}

let asked; // what the browser was last asked: it answers one question at a time

function ask(form, mediation, { signal }) {
  const options = JSON.parse(form.dataset.options);
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (form.dataset.passkey === 'create') {
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = named(options.excludeCredentials);
    return navigator.credentials.create({ publicKey, signal });
  }
  publicKey.allowCredentials = named(options.allowCredentials);
  return navigator.credentials.get({ publicKey, signal, ...(mediation && { mediation }) });
}

/**
 * A form that sends a passkey: when its button is pressed, or at once. Some
 * browsers let a question wait that nobody asked for by hand, and show nothing:
 * the button takes its place.
 */
function prepare(form) {
  const told = document.getElementById('unanswered');
  const run = async mediation => {
    asked?.abort();
    const asking = (asked = new AbortController());
    try {
      const credential = await ask(form, mediation, asking);
      form.elements.public_key_credential.value = written(credential);
      form.submit();
    } catch {
      if (told && !mediation && !asking.signal.aborted) told.hidden = false;
    }
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    run();
  });
  return run;
}

if (window.PublicKeyCredential) {
  for (const element of document.querySelectorAll('[data-passkey]')) element.hidden = false;
  for (const element of document.querySelectorAll('[data-passkey-missing]')) element.hidden = true;
  for (const form of document.querySelectorAll('form[data-options]')) {
    const run = prepare(form);
    if (form.id === 'passkey') run(); // the page is about nothing else
    if (form.dataset.passkey === 'fill') {
      PublicKeyCredential.isConditionalMediationAvailable?.().then(can => can && run('conditional'));
    }
  }
}
