import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { startMarks } from '../../../web/assets/js/task/marks.js';
import { fire, show, type } from '../page.js';

/** A form with one question filled in from last time; `was` is what the server says beside it. */
function started({ value = 'Near school', was = '' } = {}) {
  const { document } = show(`<form><div class="app-question">
    <input name="views" value="${value}">
    <p data-app-carried="views"><span data-app-was>${was}</span></p>
  </div></form>`);
  startMarks(document.querySelector('form'));
  return { input: document.querySelector('input'), mark: document.querySelector('[data-app-was]') };
}

describe('the mark beside an answer from last time', () => {
  it('says nothing until the answer is changed', () => {
    const { input, mark } = started();
    assert.equal(mark.textContent, '');

    type(input, 'With her sister');
    assert.equal(mark.textContent, 'Changed from: Near school');
  });

  it('goes when the answer is again as it was', () => {
    const { input, mark } = started();
    type(input, 'With her sister');

    type(input, 'Near school ');

    assert.equal(mark.textContent, '');
  });

  it('calls an empty answer nothing', () => {
    const { input, mark } = started({ value: '' });

    type(input, 'With her sister');

    assert.equal(mark.textContent, 'Changed from: nothing');
  });

  it('hears what is chosen as well as what is typed', () => {
    const { input, mark } = started();
    input.value = 'With her sister';

    fire(input, 'change');

    assert.equal(mark.textContent, 'Changed from: Near school');
  });

  it('stays as the server wrote it', () => {
    const { input, mark } = started({ was: 'Changed from: Far away' });

    type(input, 'With her sister');

    assert.equal(mark.textContent, 'Changed from: Far away');
  });
});
