import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readFlow } from '../../../web/assets/js/diagram/flow.js';
import { moveByKeyboard } from '../../../web/assets/js/diagram/keyboard.js';
import { fire, show } from '../page.js';
import { elements } from './drawn.js';

const MADE = elements(
  { start: ['StartEvent'], work: ['UserTask'], watch: ['UserTask'], end: ['EndEvent'] },
  [
    ['start', 'work'],
    ['work', 'end'],
  ],
);
const STEPS = Object.values(MADE);

/** A view that stands at a step, or nowhere yet. */
function view({ at, waiting, detail = null, steps = STEPS } = {}) {
  const { document } = show('<div id="scroller" tabindex="0"><a href="#x">Detail</a></div>');
  const scroller = document.querySelector('#scroller');
  const made = {
    frame: { scroller },
    elements: steps,
    flow: readFlow(steps),
    state: new Map(waiting ? [[waiting, { waiting: ['Ann'] }]] : []),
    selected: MADE[at],
    detailAddress: () => detail,
    select(step) {
      made.selected = step;
    },
    /** Presses a key; returns whether the browser was left to do what it does with it. */
    press: (key, { on = scroller, ...more } = {}) => fire(on, 'keydown', { key, ...more }),
    link: document.querySelector('a'),
    stands: () => made.selected?.id,
  };
  moveByKeyboard(made);
  return made;
}

describe('the arrow keys', () => {
  it('follow the flow to the right and back to the left', () => {
    const here = view({ at: 'start' });

    here.press('ArrowRight');
    assert.equal(here.stands(), 'work');
    here.press('ArrowRight');
    assert.equal(here.stands(), 'end');
    here.press('ArrowLeft');
    assert.equal(here.stands(), 'work');
  });

  it('go through all steps down and up', () => {
    const here = view({ at: 'work' });

    here.press('ArrowDown');
    assert.equal(here.stands(), 'watch');
    here.press('ArrowUp');
    assert.equal(here.stands(), 'work');
  });

  it('stay at the end of the flow, and the page with them', () => {
    const here = view({ at: 'end' });

    assert.equal(here.press('ArrowRight'), false);
    assert.equal(here.press('ArrowDown'), false);
    assert.equal(here.stands(), 'end');
    const first = view({ at: 'start' });
    first.press('ArrowUp');
    assert.equal(first.stands(), 'start');
  });

  it('begin where something is waited for, else at the start', () => {
    const waits = view({ waiting: 'watch' });
    waits.press('ArrowUp');
    assert.equal(waits.stands(), 'watch');

    const rests = view();
    rests.press('ArrowLeft');
    assert.equal(rests.stands(), 'start');
  });
});

describe('other keys', () => {
  it('go to the first and the last step', () => {
    const here = view({ at: 'work' });

    here.press('End');
    assert.equal(here.stands(), 'end');
    here.press('Home');
    assert.equal(here.stands(), 'start');
  });

  it('are left to the browser', () => {
    const here = view({ at: 'work' });

    for (const key of ['Tab', 'a', 'toString']) assert.equal(here.press(key), true);
    for (const held of ['altKey', 'ctrlKey', 'metaKey']) {
      assert.equal(here.press('ArrowRight', { [held]: true }), true);
    }
    assert.equal(here.press('ArrowRight', { on: here.link }), true);
    assert.equal(here.stands(), 'work');
  });

  it('are left to the browser while no drawing is there', () => {
    assert.equal(view({ steps: [] }).press('ArrowRight'), true);
  });

  it('open the detail of a step that has one', () => {
    const gone = [];
    const here = view({ at: 'work', detail: '/detail' });
    window.location.assign = (address) => gone.push(address);

    assert.equal(here.press('Enter'), false);
    assert.deepEqual(gone, ['/detail']);
    assert.equal(view({ at: 'work' }).press('Enter'), true);
    assert.equal(view({ detail: '/detail' }).press('Enter'), true);
  });
});
