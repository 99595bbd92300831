import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { partsOf, startDates } from '../../web/assets/js/dates.js';
import { fire, show } from './page.js';

describe('f1: a date in one text', () => {
  it('is read day first or year first, or with its month as a word', () => {
    for (const text of [
      '18/3/2026',
      ' 18.03.2026 ',
      '18-3-2026',
      '18 March 2026',
      'Wednesday, 18th Mar 2026',
      'March 18, 2026',
      '2026-03-18',
    ]) {
      assert.deepEqual(partsOf(text), ['18', '3', '2026'], text);
    }
  });

  it('is not guessed', () => {
    for (const text of ['18/3/26', '3/18/2026', '31/2/2026', '18/3', 'soon', '', '18 Ma 2026']) {
      assert.equal(partsOf(text), null, text);
    }
  });
});

describe('f1: a date that is pasted', () => {
  const pasted = (name, text) => {
    const { document } = show(`<div class="govuk-date-input">
      <input name="held-day"><input name="held-month"><input name="held-year"></div>
      <input name="other">`);
    startDates(document);
    const box = document.querySelector(`[name=${name}]`);
    const heard = [];
    document.addEventListener('input', (event) => heard.push(event.target.name));
    const left = fire(box, 'paste', { clipboardData: { getData: () => text } });
    const values = [...document.querySelectorAll('input')].map((each) => each.value);
    return { left, values, heard };
  };

  it('stands in all three boxes, whichever it was pasted into', () => {
    for (const name of ['held-day', 'held-month', 'held-year']) {
      const { left, values, heard } = pasted(name, '18/3/2026');

      assert.equal(left, false);
      assert.deepEqual(values, ['18', '3', '2026', '']);
      assert.deepEqual(heard, ['held-day', 'held-month', 'held-year']);
    }
  });

  it('is left to the browser where it is none, or where no date is asked for', () => {
    assert.equal(pasted('held-day', '18/3/26').left, true);
    assert.equal(pasted('other', '18/3/2026').left, true);
  });
});
