import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { startRows } from '../../../web/assets/js/task/rows.js';
import { fire, show } from '../page.js';

const row = (id, { first = false } = {}) => `
  <fieldset id="${id}" data-app-row ${first ? 'data-app-first' : ''}>
    <legend><span data-app-row-number>New</span></legend>
    <input type="hidden" name="${id}-kind"><input name="${id}-text" id="${id}-text">
    <button name="remove_row" value="${id}">Remove<span data-app-row-number>new</span></button>
  </fieldset>`;

function started(...rows) {
  const { document } = show(`<form><div data-app-rows="options">
    ${rows.join('')}
    <button name="add_row" data-app-add><span data-app-add-words>Add one</span></button>
    <template>${row('options-NEW')}</template>
  </div><button id="other" name="action">Save</button></form>`);
  const form = document.querySelector('form');
  startRows(form);
  const one = (selector) => document.querySelector(selector);
  return {
    form,
    one,
    add: () => fire(one('[data-app-add]'), 'click'),
    remove: (id) => fire(one(`[value="${id}"]`), 'click'),
    ids: () => [...document.querySelectorAll('[data-app-row]')].map(({ id }) => id),
    numbers: () =>
      [...document.querySelectorAll('[data-app-row-number]')].map((each) => each.textContent),
    focused: () => document.activeElement,
  };
}

describe('adding a row', () => {
  it('names its inputs after a number that no row had', () => {
    const page = started(row('options-0'), row('options-4'));

    page.add();

    assert.deepEqual(page.ids(), ['options-0', 'options-4', 'options-5']);
    assert.equal(page.one('#options-5 input:not([type=hidden])').name, 'options-5-text');
    assert.equal(page.one('#options-5 button').value, 'options-5');
    assert.equal(page.one('template').innerHTML.includes('options-NEW-text'), true);
  });

  it('begins at nought', () => {
    const page = started();

    page.add();

    assert.deepEqual(page.ids(), ['options-0']);
  });

  it('puts the focus where to type', () => {
    const page = started(row('options-0'));

    page.add();

    assert.equal(page.focused().name, 'options-1-text');
  });

  it('counts the rows anew', () => {
    const page = started(row('options-7'));

    page.add();

    assert.deepEqual(page.numbers(), ['Number 1', 'number 1', 'Number 2', 'number 2']);
    assert.equal(page.one('[data-app-add-words]').textContent, 'Add another');
  });
});

describe('removing a row', () => {
  it('goes on to the row that took its place', () => {
    const page = started(row('options-0'), row('options-1'), row('options-2'));

    page.remove('options-1');

    assert.deepEqual(page.ids(), ['options-0', 'options-2']);
    assert.equal(page.focused().name, 'options-2-text');
    assert.deepEqual(page.numbers(), ['Number 1', 'number 1', 'Number 2', 'number 2']);
  });

  it('goes on to the button that adds one after the last', () => {
    const page = started(row('options-0'));

    page.remove('options-0');

    assert.equal(page.focused().name, 'add_row');
    assert.equal(page.one('[data-app-add-words]').textContent, 'Add one');
  });
});

describe('the rows of a question', () => {
  it('are told of to whatever watches the form', () => {
    const page = started(row('options-0'));
    let told = 0;
    page.form.addEventListener('app:rows', () => {
      told += 1;
    });

    page.add();
    page.remove('options-0');

    assert.equal(told, 2);
  });

  it('come and go without a request', () => {
    const page = started(row('options-0'));

    assert.equal(page.add(), false);
    assert.equal(page.remove('options-0'), false);
    assert.equal(fire(page.one('#other'), 'click'), true);
  });

  it('begin with the focus in the row that was asked for', () => {
    const page = started(row('options-0'), row('options-1', { first: true }));

    assert.equal(page.focused().name, 'options-1-text');
  });
});
