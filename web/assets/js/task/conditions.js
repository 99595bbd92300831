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

/**
 * As the server reads a form (engine's `that_matter`): from the top, and what stands in a question
 * that is not asked counts for nothing further down.
 */
function showAll(form) {
  const unasked = new Set();
  for (const question of form.querySelectorAll('[data-app-when]')) {
    const asked = holds(JSON.parse(question.dataset.appWhen), (name) =>
      valueIn(form, question, name, unasked),
    );
    if (!asked) for (const { name } of question.querySelectorAll('[name]')) unasked.add(name);
    // What is wrong with an answer is shown whether it matters or not.
    question.hidden = !asked && !question.querySelector('.govuk-error-message');
  }
}

/** Returns the texts of `name`: of the same row if the row has such a column. */
function valueIn(form, question, name, unasked) {
  const row = question.closest('[data-app-row]');
  const inRow = row ? `${row.id}-${name}` : null;
  if (inRow && (form.elements[inRow] || form.elements[`${inRow}-day`])) return textsOf(form, inRow);
  // Questions of other sections, whose answers the page brings along.
  const elsewhere = JSON.parse(form.dataset.appElsewhere ?? '{}')[name];
  if (elsewhere) return elsewhere;
  return unasked.has(name) || unasked.has(`${name}-day`) ? [] : textsOf(form, name);
}

function is(texts, value) {
  if (value === null) return texts.length === 0;
  if (texts.length === 3) return dateOf(texts) === value;
  if (texts.length !== 1) return false;
  return typeof value === 'number' ? Number(texts[0]) === value : texts[0] === String(value);
}

const dateOf = ([day, month, year]) =>
  [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-');

/** Whether an answer counts as yes by itself: any does but no, nought and none. */
const isTrue = ([text]) => text !== undefined && text !== 'false' && Number(text) !== 0;

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
      return isTrue(texts(about));
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
