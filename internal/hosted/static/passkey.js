'use strict';
(() => {
  if (!window.PublicKeyCredential) return;
  for (const element of document.querySelectorAll('[data-passkey]')) element.hidden = false;
  for (const element of document.querySelectorAll('[data-passkey-missing]')) element.hidden = true;
  const form = document.getElementById('passkey');
  if (!form) return;
  const options = JSON.parse(form.dataset.options);
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
  const text = buffer =>
    buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  let asking = false;
  async function ask() {
    if (asking) return;
    asking = true;
    try {
      const { id, rawId, type, authenticatorAttachment, response } = await navigator.credentials.get({
        publicKey: {
          ...options,
          challenge: bytes(options.challenge),
          allowCredentials: options.allowCredentials.map(each => ({ ...each, id: bytes(each.id) })),
        },
      });
      form.elements.public_key_credential.value = JSON.stringify({
        id, rawId: text(rawId), type, authenticatorAttachment,
        response: {
          clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
          signature: text(response.signature), userHandle: text(response.userHandle),
        },
      });
      form.submit();
    } catch {
      document.getElementById('unanswered').hidden = false;
    } finally {
      asking = false;
    }
  }
  form.addEventListener('submit', event => {
    event.preventDefault();
    ask();
  });
  ask();
})();
