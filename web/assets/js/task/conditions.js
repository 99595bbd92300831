/** Shows a question only while it matters (data-app-when; shapes: web/conditions.py). */
import { textsOf } from './answers.js';

export function startConditions(form) {
  const update = () => showAll(form);
  form.addEventListener('input', update);
  form.addEventListener('change', update);
  form.addEventListener('app:rows', update);
  // An old answer to a question that no longer matters is not submitted; a draft keeps it.
  form.addEventListener('submit', ({ submitter }) => {
    if (submitter?.name) return;
    for (const hidden of form.querySelectorAll('[data-app-when][hidden]')) {
      for (const input of hidden.querySelectorAll('input, select, textarea')) input.disabled = true;
    }
  });
  // The page comes back from the browser's memory with its inputs off otherwise.
  window.addEventListener('pageshow', () => {
    for (const input of form.querySelectorAll('[data-app-when] :disabled')) input.disabled = false;
    update();
  });
  update();
}

function showAll(form) {
  for (const question of form.querySelectorAll('[data-app-when]')) {
    if (question.querySelector('.govuk-error-message')) continue;
    question.hidden = !holds(JSON.parse(question.dataset.appWhen), (name) =>
      valueIn(form, question, name),
    );
  }
}

/** Returns the texts of `name`: of the same row if the row has such a column. */
function valueIn(form, question, name) {
  const row = question.closest('[data-app-row]');
  const inRow = row ? `${row.id}-${name}` : null;
  const has = inRow && (form.elements[inRow] || form.elements[`${inRow}-day`]);
  // Questions of other sections, whose answers the page brings along.
  const elsewhere = JSON.parse(form.dataset.appElsewhere ?? '{}')[name];
  return elsewhere ?? textsOf(form, has ? inRow : name);
}

const is = (texts, value) =>
  value === null ? texts.length === 0 : texts.length === 1 && texts[0] === String(value);

function holds(condition, texts) {
  const [[word, about]] = Object.entries(condition);
  switch (word) {
    case 'and':
      return about.every((each) => holds(each, texts));
    case 'or':
      return about.some((each) => holds(each, texts));
    case 'not':
      return !holds(about, texts);
    case 'is':
      return texts(about)[0] === 'true';
    case 'is_set':
      return texts(about).length > 0;
    case '==':
      return is(texts(about[0]), about[1]);
    case '!=':
      return !is(texts(about[0]), about[1]);
    case 'in':
      return about[1].some((value) => is(texts(about[0]), value));
    case 'has':
      return texts(about[0]).includes(String(about[1]));
    default:
      return true;
  }
}
