/** Adds and removes rows of a repeating question without a reload. */

export function startRows(form) {
  form.addEventListener('click', (event) => {
    const button = event.target.closest('[data-app-add], [data-app-remove]');
    if (!button) return;
    event.preventDefault();
    if ('appAdd' in button.dataset) add(button.closest('[data-app-rows]'));
    else remove(button.closest('[data-app-row]'));
    form.dispatchEvent(new CustomEvent('app:rows', { bubbles: true }));
  });
}

/** A row that was removed, by its group: the pattern for the next one. */
const blanks = new Map();

const rowsOf = (group) => [...group.querySelectorAll(':scope > [data-app-row]')];

function add(group) {
  const rows = rowsOf(group);
  const name = group.dataset.appRows;
  const numbers = rows.map((row) => Number(row.id.slice(name.length + 1)));
  const next = Math.max(-1, ...numbers) + 1;
  const copy = document.createElement('div');
  const pattern = rows.length ? rows.at(-1).outerHTML : (blanks.get(group) ?? group.querySelector('template').innerHTML);
  copy.innerHTML = pattern.replace(/ style="[^"]*"/g, '').replace(new RegExp(`\\b${name}-(\\d+|NEW)(?=["-])`, 'g'), `${name}-${next}`);
  const row = copy.firstElementChild;
  empty(row);
  group.querySelector(':scope > [data-app-add]').before(row);
  number(group);
  row.querySelector('input, select, textarea').focus();
}

/** Takes out of a copied row what was typed and said about it. */
function empty(row) {
  for (const mark of row.querySelectorAll('.app-carried, .govuk-error-message, legend .govuk-tag')) mark.remove();
  for (const part of row.querySelectorAll('[class*="--error"]')) {
    part.className = part.className.replace(/\S+--error/g, '').trim();
  }
  for (const input of row.querySelectorAll('input, select, textarea')) {
    if (['radio', 'checkbox'].includes(input.type)) input.checked = false;
    else if (input.tagName === 'SELECT') input.selectedIndex = 0;
    else input.value = '';
  }
}

/** Removes a row; the focus goes to the row that took its place, else to the add button. */
function remove(row) {
  const group = row.closest('[data-app-rows]');
  const after = row.nextElementSibling?.matches('[data-app-row]') ? row.nextElementSibling : null;
  blanks.set(group, row.outerHTML);
  row.remove();
  number(group);
  const target = after?.querySelector('input, select, textarea') ?? group.querySelector('[data-app-add]');
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
