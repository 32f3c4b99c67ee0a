// Comfort that the pages do without when script is off.

/** A form is sent once; coming back by the back button makes it usable again. */
document.addEventListener('submit', event => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.many !== undefined) return;
  if (form.ariaBusy === 'true') {
    event.preventDefault();
    return;
  }
  form.ariaBusy = 'true';
  // Later: a button that is disabled now would not send its value.
  setTimeout(() => form.querySelectorAll('button').forEach(button => button.setAttribute('aria-disabled', 'true')));
});
addEventListener('pageshow', () => {
  for (const form of document.forms) {
    form.ariaBusy = null;
    form.querySelectorAll('button[aria-disabled]').forEach(button => button.removeAttribute('aria-disabled'));
  }
});

/** Codes: what is pasted or filled in is reduced to digits, and sent when complete. */
for (const input of document.querySelectorAll('input[data-code]')) {
  const length = Number(input.dataset.code);
  let sent = '';
  input.addEventListener('input', event => {
    if (event.isComposing) return;
    const digits = input.value.normalize('NFKC').replace(/\D/g, '').slice(0, length);
    if (digits !== input.value) input.value = digits;
    if (digits.length === length && digits !== sent) {
      sent = digits;
      input.form.requestSubmit();
    }
  });
}

/** Buttons that wait: the seconds that the server said, counted down. */
for (const button of document.querySelectorAll('button[data-resend]')) {
  const until = performance.now() + Number(button.dataset.resend) * 1000;
  const label = button.textContent;
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${label} (${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')})` : label;
    if (left > 0) setTimeout(tick, 250);
    else document.getElementById(button.getAttribute('aria-describedby'))?.remove();
  };
  if (Number(button.dataset.resend) > 0) tick();
}

/** Buttons that copy; a reader hears that it was done. */
for (const button of document.querySelectorAll('button[data-copy]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const label = button.textContent;
  button.ariaLive = 'polite';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return;
    }
    button.textContent = button.dataset.copied ?? label;
    setTimeout(() => (button.textContent = label), 2000);
  });
}

/** Passwords that can be looked at. */
for (const input of document.querySelectorAll('input[type=password]')) {
  const around = document.createElement('span');
  around.className = 'reveal';
  const button = document.createElement('button');
  button.type = 'button';
  button.setAttribute('aria-controls', input.id);
  // The browser may be about to give it the focus, which moving it takes away.
  const focused = document.activeElement === input || (input.autofocus && document.activeElement === document.body);
  const show = shown => {
    input.type = shown ? 'text' : 'password';
    button.textContent = shown ? document.body.dataset.hide : document.body.dataset.show;
  };
  button.addEventListener('click', () => show(input.type === 'password'));
  input.form?.addEventListener('submit', () => show(false));
  input.before(around);
  around.append(input, button);
  show(false);
  if (focused) input.focus();
}
