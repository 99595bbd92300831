/** Saves what was typed by itself, a moment after the last key, and says so. */

const AFTER = 2500;

export function startSaving(form) {
  const says = form.querySelector('[data-app-saving]');
  let timer = null;
  let changed = false;
  let running = false;
  let leaving = false;

  const say = (words) => {
    says.textContent = words;
  };
  const later = () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, AFTER);
  };

  async function save() {
    if (running || leaving || !changed) return;
    running = true;
    changed = false;
    say('Saving…');
    try {
      show(await send(form));
    } catch (error) {
      changed = true;
      say(
        `Could not save: ${error.message}. What you typed is still here; try again with the button.`,
      );
    }
    running = false;
    if (changed && !says.textContent.startsWith('Could not')) later();
  }

  function show(answer) {
    for (const section of answer.sections) showSection(form, section);
    const overtaken = answer.overtaken.map(
      ({ title, by }) => `${by} saved “${title}” meanwhile, so yours there is not saved`,
    );
    say([`Saved at ${answer.saved}`, ...overtaken].join('. '));
  }

  form.addEventListener('input', later);
  form.addEventListener('change', later);
  form.addEventListener('app:rows', later);
  form.addEventListener('submit', () => {
    leaving = true;
    clearTimeout(timer);
  });
  window.addEventListener('pageshow', () => {
    leaving = false;
  });
  // Whoever closes the page within a moment of the last key loses nothing either.
  window.addEventListener('pagehide', () => {
    if (changed && !leaving) navigator.sendBeacon(form.dataset.saveTo, bodyOf(form));
  });
}

const bodyOf = (form) => new URLSearchParams(new FormData(form));

async function send(form) {
  let response;
  try {
    response = await fetch(form.dataset.saveTo, {
      method: 'POST',
      body: bodyOf(form),
      redirect: 'manual',
    });
  } catch {
    throw new Error('no connection');
  }
  if (response.type === 'opaqueredirect') throw new Error('you were signed out');
  if (response.status >= 500) throw new Error('the service has a fault');
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.problem);
  return answer;
}

function showSection(form, section) {
  const seen = form.elements[`seen-${section.id}`];
  if (seen) seen.value = section.seen;
  for (const tag of document.querySelectorAll(`[data-app-status="${CSS.escape(section.id)}"]`)) {
    tag.textContent = section.status;
    tag.className = `govuk-tag ${section.tag}`;
  }
  const saved = document.querySelector(`[data-app-saved="${CSS.escape(section.id)}"]`);
  if (saved) saved.textContent = section.saved;
}
