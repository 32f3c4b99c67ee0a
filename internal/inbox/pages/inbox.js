// Comfort for the inbox: buttons that copy a code, and a list that follows what
// arrives. Everything else works without.
document.documentElement.classList.add('script');

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]');
  if (!button) return;
  const label = button.firstChild;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.data = 'Copied';
  } catch {
    // Without a secure context there is no clipboard: mark it for the keyboard.
    getSelection().selectAllChildren(button.previousElementSibling);
    label.data = 'Marked';
  }
  setTimeout(() => { label.data = 'Copy'; }, 2000);
});

const every = 5000; // milliseconds
const list = () => document.getElementById('messages');

// look replaces the list when something arrived, so that focus and selection
// stay where they are as long as nothing did.
async function look() {
  if (document.hidden || !list()) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('messages');
    if (!answer.ok || !next || next.dataset.newest === list().dataset.newest) return;
    list().replaceWith(document.adoptNode(next));
    document.getElementById('news').textContent = 'The list has changed';
  } catch {
    // The instance is being restarted; the next look finds it again.
  }
}

if (list()) {
  setInterval(look, every);
  document.addEventListener('visibilitychange', look);
}
