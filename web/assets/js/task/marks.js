/** Says beside an answer that was filled in from last time what it was, once it is changed. */
import { wordsOf } from './answers.js';

export function startMarks(form) {
  for (const mark of form.querySelectorAll('[data-app-carried]')) {
    const words = mark.querySelector('[data-app-was]');
    const name = mark.dataset.appCarried;
    // A page that comes with a change already marked keeps what the server says.
    if (words.textContent.trim()) continue;
    const before = wordsOf(form, name);
    const question = mark.closest('.app-question');
    const update = () => {
      const changed = wordsOf(form, name) !== before;
      words.textContent = changed ? `Changed from: ${before || 'nothing'}` : '';
    };
    question.addEventListener('input', update);
    question.addEventListener('change', update);
  }
}
