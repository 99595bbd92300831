import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { buildFrame } from '../../../web/assets/js/diagram/frame.js';
import { fire, show } from '../page.js';

function built(label = '') {
  const { document } = show(`<div data-diagram-label="${label}"><noscript>No</noscript></div>`);
  const host = document.querySelector('div');
  const done = [];
  const frame = buildFrame(host, {
    zoomBy: (factor) => done.push(factor),
    fit: () => done.push('fit'),
  });
  const buttons = [...host.querySelectorAll('button')];
  return { host, frame, buttons, done };
}

describe('the frame of a drawing', () => {
  it('takes the place of what stood there', () => {
    const { host, frame } = built();

    assert.equal(host.querySelector('noscript'), null);
    assert.equal(frame.canvas.parentElement, frame.scroller);
    assert.equal(frame.scroller.parentElement, host);
  });

  it('is named after its drawing', () => {
    assert.equal(built('Meeting').frame.scroller.getAttribute('aria-label'), 'Meeting');
    assert.equal(built().frame.scroller.getAttribute('aria-label'), 'Diagram');
  });

  it('takes the focus and says how to walk in it', () => {
    const { host, frame } = built();

    assert.equal(frame.scroller.tabIndex, 0);
    const help = host.querySelector(`#${frame.scroller.getAttribute('aria-describedby')}`);
    assert.match(help.textContent, /^Right and left arrow keys follow the flow/);
  });

  it('has help of its own where a page has two', () => {
    const [one, other] = [built(), built()];
    const helpOf = ({ frame }) => frame.scroller.getAttribute('aria-describedby');

    assert.notEqual(helpOf(one), helpOf(other));
  });

  it('says aloud what is reached, and of a failure only when there is one', () => {
    const { frame } = built();

    assert.equal(frame.live.getAttribute('aria-live'), 'polite');
    assert.equal(frame.message.hidden, true);
    assert.equal(frame.message.getAttribute('role'), 'status');
  });
});

describe('the buttons of a drawing', () => {
  it('zoom in, zoom out and fit', () => {
    const { buttons, done } = built();

    for (const button of buttons) fire(button, 'click');

    assert.deepEqual(done[0] * done[1], 1);
    assert.equal(done[0] > 1, true);
    assert.equal(done[2], 'fit');
  });

  it('have names that hold the words on them', () => {
    const { buttons } = built('Meeting');
    const names = buttons.map((each) => each.getAttribute('aria-label'));

    assert.deepEqual(names, [
      'Zoom in on Meeting',
      'Zoom out of Meeting',
      'Fit Meeting to the page',
    ]);
    for (const button of buttons) {
      assert.equal(button.getAttribute('aria-label').startsWith(button.textContent), true);
    }
  });

  it('submit no form', () => {
    assert.deepEqual(new Set(built().buttons.map(({ type }) => type)), new Set(['button']));
  });
});
