import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { textsOf, wordsOf } from '../../../web/assets/js/task/answers.js';
import { show } from '../page.js';

const FORM = `<form>
  <input name="name" value=" Robin ">
  <textarea name="nothing">  </textarea>
  <input name="on-day" value="9"><input name="on-month" value=""><input name="on-year" value="2026">
  <input name="off-day" value=""><input name="off-month" value=""><input name="off-year" value="">
  <input name="half-day" value="1">
  <input type="radio" name="sure" id="sure" value="true"><label for="sure">Yes</label>
  <input type="radio" name="sure" id="sure-2" value="false" checked><label for="sure-2"> No </label>
  <input type="checkbox" name="tags" id="tags" value="a" checked><label for="tags">Alpha</label>
  <input type="checkbox" name="tags" id="tags-2" value="b"><label for="tags-2">Beta</label>
  <input type="checkbox" name="tags" id="tags-3" value="c" checked><label for="tags-3">Gamma</label>
  <select name="who"><option value="">Choose</option><option value="ann" selected> Ann </option></select>
  <select name="nobody"><option value="" selected>Choose</option><option value="ann">Ann</option></select>
</form>`;

const form = () => show(FORM).document.querySelector('form');

describe('the texts of a question', () => {
  const texts = (name) => textsOf(form(), name);

  it('are trimmed, and none where nothing is written', () => {
    assert.deepEqual(texts('name'), ['Robin']);
    assert.deepEqual(texts('nothing'), []);
    assert.deepEqual(texts('no such question'), []);
  });

  it('are those chosen', () => {
    assert.deepEqual(texts('sure'), ['false']);
    assert.deepEqual(texts('tags'), ['a', 'c']);
    assert.deepEqual(texts('who'), ['ann']);
    assert.deepEqual(texts('nobody'), []);
  });

  it('are all three of a date once one is written', () => {
    assert.deepEqual(texts('on'), ['9', '', '2026']);
    assert.deepEqual(texts('off'), []);
    assert.deepEqual(texts('half'), []);
  });
});

describe('the words of a question', () => {
  const words = (name) => wordsOf(form(), name);

  it('are what stands on the page', () => {
    assert.equal(words('name'), 'Robin');
    assert.equal(words('sure'), 'No');
    assert.equal(words('tags'), 'Alpha, Gamma');
    assert.equal(words('who'), 'Ann');
    assert.equal(words('on'), '9  2026');
  });

  it('are none where nothing is chosen', () => {
    assert.equal(words('nobody'), '');
    assert.equal(words('nothing'), '');
    assert.equal(words('off'), '');
  });
});
