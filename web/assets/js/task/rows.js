/** Adds and removes rows of a repeating question without a reload. */

export function startRows(form) {
  // The row that somebody asked for, on the page that they asked it from.
  form.querySelector('[data-app-first]')?.querySelector(FOCUSABLE)?.focus();
  form.addEventListener('click', (event) => {
    const button = event.target.closest('[data-app-add], [name=remove_row]');
    if (!button) return;
    event.preventDefault();
    if ('appAdd' in button.dataset) add(button.closest('[data-app-rows]'));
    else remove(button.closest('[data-app-row]'));
    form.dispatchEvent(new CustomEvent('app:rows', { bubbles: true }));
  });
}

const rowsOf = (group) => [...group.querySelectorAll(':scope > [data-app-row]')];

const FOCUSABLE = 'input:not([type=hidden]), select, textarea';

function add(group) {
  const name = group.dataset.appRows;
  const numbers = rowsOf(group).map((row) => Number(row.id.slice(name.length + 1)));
  const next = Math.max(-1, ...numbers) + 1;
  const copy = document.createElement('div');
  const pattern = group.querySelector(':scope > template').innerHTML;
  copy.innerHTML = pattern.replace(new RegExp(`\\b${name}-NEW(?=["-])`, 'g'), `${name}-${next}`);
  const row = copy.firstElementChild;
  group.querySelector(':scope > [data-app-add]').before(row);
  number(group);
  row.querySelector(FOCUSABLE).focus();
}

/** Removes a row; the focus goes to the row that took its place, else to the add button. */
function remove(row) {
  const group = row.closest('[data-app-rows]');
  const after = row.nextElementSibling?.matches('[data-app-row]') ? row.nextElementSibling : null;
  row.remove();
  number(group);
  const target =
    after?.querySelector(`${FOCUSABLE}, button`) ?? group.querySelector('[data-app-add]');
  target.focus();
}

function number(group) {
  const rows = rowsOf(group);
  rows.forEach((row, index) => {
    for (const words of row.querySelectorAll('[data-app-row-number]')) {
      words.textContent = `${words.closest('legend') ? 'Number' : 'number'} ${index + 1}`;
    }
  });
  group.querySelector('[data-app-add-words]').textContent = rows.length ? 'Add another' : 'Add one';
}
