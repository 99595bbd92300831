import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { startConditions } from '../../../web/assets/js/task/conditions.js';
import { fire, show, type } from '../page.js';

/** Read by tests/web/forms/test_conditions.py too, which asks the server the same. */
const { questions, answers, conditions } = JSON.parse(
  readFileSync(new URL('conditions.json', import.meta.url)),
);

const attribute = (value) => JSON.stringify(value).replaceAll('"', '&quot;');
const shapeOf = (text) => conditions.find(({ says }) => says === text).shape;

/** The inputs of a question, with one already typed or chosen for each of `texts`. */
function inputs(name, { type: kind, items, format }, typed) {
  if (format === 'date') {
    const parts = ['day', 'month', 'year'].map((part) => `${name}-${part}`);
    return parts.map((part) => `<input name="${part}" value="${typed[part]?.[0] ?? ''}">`).join('');
  }
  const texts = typed[name] ?? [];
  const choice = (how, value) =>
    `<input type="${how}" name="${name}" value="${value}" ${texts.includes(value) ? 'checked' : ''}>`;
  if (kind === 'boolean') return choice('radio', 'true') + choice('radio', 'false');
  if (kind === 'array') return items.oneOf.map((each) => choice('checkbox', each.const)).join('');
  return `<input name="${name}" value="${texts[0] ?? ''}">`;
}

const question = (id, shape, inner) =>
  `<div class="app-question" id="${id}" data-app-when="${attribute(shape)}">${inner}</div>`;

/** A form with all questions of the table, and then one for each condition. */
function formWith(typed) {
  const asking = Object.entries(questions).map(([name, schema]) => {
    const inner = inputs(name, schema, typed);
    const when = schema['x-show-when'];
    return when ? question(`when-${name}`, shapeOf(when), inner) : inner;
  });
  const asked = conditions.map(({ shape }, at) => question(`asked-${at}`, shape, ''));
  return `<form>${asking.join('')}${asked.join('')}</form>`;
}

function started(html) {
  const { document } = show(html);
  const form = document.querySelector('form');
  startConditions(form);
  return { form, one: (selector) => document.querySelector(selector) };
}

describe('the questions that are asked are those that the server asks, when there is', () => {
  for (const [called, typed] of Object.entries(answers)) {
    it(called, () => {
      const { one } = started(formWith(typed));

      const shown = conditions.filter((_, at) => !one(`#asked-${at}`).hidden);

      const expected = conditions.filter(({ asked, unasked }) =>
        asked ? asked.includes(called) : !unasked.includes(called),
      );
      assert.deepEqual(
        shown.map(({ says }) => says),
        expected.map(({ says }) => says),
      );
    });
  }
});

describe('a question', () => {
  const SURE = '<input name="sure" value="false">';
  const MORE = question('more', { is: 'sure' }, '<input name="reason" value="late">');

  it('comes and goes with the answer that it hangs on', () => {
    const { one } = started(`<form>${SURE}${MORE}</form>`);
    assert.equal(one('#more').hidden, true);

    type(one('[name=sure]'), 'true');
    assert.equal(one('#more').hidden, false);

    one('[name=sure]').value = 'false';
    fire(one('[name=sure]'), 'change');
    assert.equal(one('#more').hidden, true);
  });

  it('of a shape that a newer server knows is asked', () => {
    const more = question('more', { resembles: 'sure' }, '<input name="reason">');

    assert.equal(started(`<form>${SURE}${more}</form>`).one('#more').hidden, false);
  });

  it('with an error is shown whether it matters or not', () => {
    const wrong = '<p class="govuk-error-message">Too long</p>';
    const more = question('more', { is: 'sure' }, `${wrong}<input name="reason">`);

    assert.equal(started(`<form>${SURE}${more}</form>`).one('#more').hidden, false);
  });

  it('may hang on one of another section', () => {
    const elsewhere = attribute({ sure: ['true'] });
    const { one } = started(`<form data-app-elsewhere="${elsewhere}">${MORE}</form>`);

    assert.equal(one('#more').hidden, false);
  });
});

describe('a question in a row', () => {
  const row = (id, kind) =>
    `<div id="${id}" data-app-row><input name="${id}-kind" value="${kind}">
     <input name="${id}-on-day" value="9"><input name="${id}-on-month" value="3">
     <input name="${id}-on-year" value="2026">
     ${question(`${id}-when`, { '==': ['kind', 'other'] }, `<input name="${id}-reason">`)}
     ${question(`${id}-date`, { is_set: 'on' }, `<input name="${id}-why">`)}
     ${question(`${id}-top`, { is: 'sure' }, `<input name="${id}-more">`)}</div>`;
  const rows = `<form><input name="kind" value="other"><input name="sure" value="true">
    ${row('a-0', 'other')}${row('a-1', 'school')}</form>`;

  it('hangs on the answers of its own row', () => {
    const { one } = started(rows);

    assert.equal(one('#a-0-when').hidden, false);
    assert.equal(one('#a-1-when').hidden, true);
    assert.equal(one('#a-1-date').hidden, false);
  });

  it('hangs on the form where its row has no such question', () => {
    assert.equal(started(rows).one('#a-1-top').hidden, false);
  });

  it('is looked at when its row comes', () => {
    const { form, one } = started(`<form>${row('a-0', 'school')}</form>`);
    one('#a-0').insertAdjacentHTML('afterend', row('a-1', 'school'));
    assert.equal(one('#a-1-when').hidden, false);

    fire(form, 'app:rows');

    assert.equal(one('#a-1-when').hidden, true);
  });
});

describe('what stands in a question that does not matter', () => {
  const FORM = `<form><input name="sure" value="false">
    ${question('more', { is: 'sure' }, '<input name="reason" value="late">')}
    ${question('less', { not: { is: 'sure' } }, '<input name="doubt" value="much">')}
    <button name="action" value="save">Save</button></form>`;
  const sent = (form) => [...new FormData(form)].map(([name]) => name);

  it('is not submitted', () => {
    const { form } = started(FORM);

    fire(form, 'submit', { submitter: null });

    assert.deepEqual(sent(form), ['sure', 'doubt']);
  });

  it('is kept in a draft', () => {
    const { form, one } = started(FORM);

    fire(form, 'submit', { submitter: one('button') });

    assert.deepEqual(sent(form), ['sure', 'reason', 'doubt']);
  });

  it('is there again when somebody comes back to the page', () => {
    const { form } = started(FORM);
    fire(form, 'submit', { submitter: null });

    window.dispatchEvent(new window.Event('pageshow'));

    assert.deepEqual(sent(form), ['sure', 'reason', 'doubt']);
  });
});
