/** What stands in a form's inputs: the values of a question, as texts. */

const PARTS = ['day', 'month', 'year'];

/** Returns the texts of the question `name`: of a date all three, of a list the chosen ones. */
export function textsOf(form, name) {
  const found = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
  if (found.length === 0) {
    const parts = PARTS.map((part) => form.elements[`${name}-${part}`]);
    return parts.every(Boolean) && parts.some((each) => each.value)
      ? parts.map((each) => each.value)
      : [];
  }
  return [...found]
    .filter((input) => !['radio', 'checkbox'].includes(input.type) || input.checked)
    .map((input) => input.value.trim())
    .filter(Boolean);
}

/** Returns the same in words, as a person reads them on the page. */
export function wordsOf(form, name) {
  const found = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  if (found.length === 0) return textsOf(form, name).join(' ');
  if (found[0].tagName === 'SELECT') {
    return found[0].value ? found[0].selectedOptions[0].textContent.trim() : '';
  }
  if (!['radio', 'checkbox'].includes(found[0].type)) return found[0].value.trim();
  return found
    .filter((input) => input.checked)
    .map((input) => form.querySelector(`label[for="${CSS.escape(input.id)}"]`).textContent.trim())
    .join(', ');
}
