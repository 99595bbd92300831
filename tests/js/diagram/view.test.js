import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DiagramView } from '../../../web/assets/js/diagram/view.js';
import { fire, give, show } from '../page.js';
import { elements, Viewer } from './drawn.js';

const MADE = elements(
  {
    start: ['StartEvent', 100, 50],
    meet: ['CallActivity', 400, 50, { name: 'Meet', calledElement: 'a meeting' }],
    which: ['ExclusiveGateway', 700, 50],
    end: ['EndEvent', 960, 50, { name: 'Done' }],
  },
  [
    ['start', 'meet'],
    ['meet', 'which'],
    ['which', 'end'],
  ],
);

/** A view with its drawing loaded into a frame that is `room` pixels wide. */
async function shown({ room = 1000, detail = '/diagrams/{called}', inner } = {}) {
  const { document } = show(`<div data-detail-url-template="${detail}"></div>`);
  const host = document.querySelector('div');
  const fetched = [];
  give({
    fetch: async (url) => {
      fetched.push(url);
      return url === '/missing.bpmn'
        ? new Response('', { status: 404 })
        : new Response(`<bpmn ${url}>`);
    },
  });
  const viewer = new Viewer(MADE);
  if (inner) viewer.inner = inner;
  const view = new DiagramView(host, (options) => viewer.in(options));
  const { scroller, canvas } = view.frame;
  Object.defineProperty(scroller, 'clientWidth', { get: () => view.room ?? room });
  await view.load('/case.bpmn');
  return { view, viewer, host, fetched, scroller, canvas };
}

describe('loading a drawing', () => {
  it('is done once for each address', async () => {
    const { view, viewer, fetched } = await shown();

    await view.load('/case.bpmn');
    assert.deepEqual(fetched, ['/case.bpmn']);
    await view.load('/other.bpmn');
    assert.equal(viewer.imported, '<bpmn /other.bpmn>');
  });

  it('forgets the state of the drawing before', async () => {
    const { view } = await shown();
    view.showState({ done: ['start'] });

    await view.load('/other.bpmn');

    assert.equal(view.describe(MADE.start), 'start event, not done');
  });

  it('says what failed, and shows that in words', async () => {
    const { view, host } = await shown();
    const told = [];
    host.addEventListener('diagram:failed', ({ detail }) => told.push(detail));

    await view.load('/missing.bpmn').catch((error) => view.fail(error));

    assert.deepEqual(told, ['Error: /missing.bpmn answered 404']);
    assert.equal(view.frame.message.hidden, false);
  });

  it('hides the picture itself from screen readers', async () => {
    const { canvas } = await shown();
    const svg = canvas.querySelector('svg');

    assert.equal(svg.getAttribute('aria-hidden'), 'true');
    assert.equal(svg.getAttribute('tabindex'), '-1');
  });

  it('links a step that has a detail to it', async () => {
    const { viewer } = await shown();
    const [{ element, html }, ...others] = viewer.labels;

    assert.deepEqual([element, others], [MADE.meet, []]);
    assert.equal(html.getAttribute('href'), '/diagrams/a%20meeting');
    assert.equal(html.getAttribute('aria-label'), 'Show the detail of Meet');
  });

  it('links nothing where there is nowhere to go', async () => {
    const { viewer } = await shown({ detail: '' });

    assert.deepEqual(viewer.labels, []);
  });
});

describe('the state of a case', () => {
  it('tints what is done and outlines what waits', async () => {
    const { view, viewer, host } = await shown();

    view.showState({ done: ['start', 'meet'], waiting: [{ element: 'meet', label: 'Ann' }] });

    assert.equal(viewer.shows('start'), 'app-done');
    assert.equal(viewer.shows('meet'), 'app-waiting');
    assert.equal(viewer.shows('end'), '');
    assert.equal(host.dataset.diagramShown, 'true');
  });

  it('names all who are waited for', async () => {
    const { view, viewer } = await shown();
    const waiting = [
      { element: 'meet', label: 'Ann' },
      { element: 'meet', label: 'Tom' },
      { element: 'end', label: '' },
    ];

    view.showState({ waiting });

    assert.deepEqual(viewer.says('waiting'), ['Waiting: Ann, Tom', 'Waiting']);
  });

  it('takes the place of the one before', async () => {
    const { view, viewer } = await shown();
    view.showState({ done: ['start'], waiting: [{ element: 'meet', label: 'Ann' }] });

    view.showState({ done: ['meet'] });

    assert.deepEqual([viewer.shows('start'), viewer.shows('meet')], ['', 'app-done']);
    assert.deepEqual(viewer.says('waiting'), []);
  });

  it('may name steps of other drawings', async () => {
    const { view, viewer } = await shown();

    view.showState({ done: ['elsewhere'], waiting: [{ element: 'far away', label: 'Ann' }] });

    assert.deepEqual([...viewer.markers.keys()], []);
    assert.deepEqual(viewer.says('waiting'), []);
  });
});

describe('the size of a drawing', () => {
  it('is as wide as the page, but no larger than drawn', async () => {
    assert.equal((await shown({ room: 750 })).view.zoom, 0.75);
    assert.equal((await shown({ room: 4000 })).view.zoom, 1);
  });

  it('stays readable on a narrow page, which scrolls', async () => {
    const { view, canvas } = await shown({ room: 320 });

    assert.equal(view.zoom, 0.9);
    assert.deepEqual([canvas.style.width, canvas.style.height], ['900px', '450px']);
  });

  it('follows the window, and the sheet while it is printed', async () => {
    const { view, host } = await shown({
      room: 1000,
      inner: { x: 0, y: 0, width: 1960, height: 460 },
    });
    assert.equal(view.zoom, 0.9);

    window.dispatchEvent(new window.Event('beforeprint'));
    assert.equal(view.zoom, 0.52);
    assert.ok(host.classList.contains('app-large-sheet'));

    view.room = 1500;
    window.dispatchEvent(new window.Event('resize'));
    assert.equal(view.zoom, 0.75);
  });

  it('is printed on a sheet of the usual size where that can be read', async () => {
    const { view, host } = await shown({ inner: { x: 0, y: 0, width: 810, height: 460 } });

    window.dispatchEvent(new window.Event('beforeprint'));
    assert.equal(view.zoom, 0.8);
    assert.ok(!host.classList.contains('app-large-sheet'));
  });

  it('is printed whole, however long', async () => {
    const { view } = await shown({ inner: { x: 0, y: 0, width: 660, height: 1960 } });

    window.dispatchEvent(new window.Event('beforeprint'));
    assert.equal(view.zoom, 0.72);
  });

  it('changes with the buttons, within bounds', async () => {
    const { view, host } = await shown();
    const [larger, smaller, fit] = host.querySelectorAll('button');

    fire(larger, 'click');
    assert.equal(view.zoom, 1.25);
    for (let press = 0; press < 9; press += 1) fire(larger, 'click');
    assert.equal(view.zoom, 3);
    for (let press = 0; press < 20; press += 1) fire(smaller, 'click');
    assert.equal(view.zoom, 0.3);
    fire(fit, 'click');
    assert.equal(view.zoom, 1);
  });

  it('of one that is narrow starts where something is waited for', async () => {
    const { view, scroller } = await shown({ room: 320 });

    view.showState({ waiting: [{ element: 'end', label: 'Ann' }] });

    // The middle of the step, 930 from the drawing's edge, in the middle of the frame.
    assert.equal(scroller.scrollLeft, 930 * 0.9 - 160);
  });
});

describe('a step that is reached', () => {
  const said = async (id, state = {}) => {
    const { view, viewer } = await shown();
    view.showState(state);
    view.select(MADE[id]);
    assert.equal(viewer.selected, MADE[id]);
    return view.frame.live.textContent;
  };

  it('is said aloud with how far it is', async () => {
    const waiting = (...labels) => ({
      done: ['end'],
      waiting: labels.map((label) => ({ element: 'end', label })),
    });

    assert.equal(await said('end'), 'Done, not done');
    assert.equal(await said('end', { done: ['end'] }), 'Done, done');
    assert.equal(await said('end', waiting('', 'Ann')), 'Done, waiting for Ann');
    assert.equal(await said('end', waiting('')), 'Done, waiting');
  });

  it('is told by its kind where it has no name', async () => {
    assert.equal(await said('which'), 'exclusive gateway, not done');
  });

  it('says that it has a detail', async () => {
    assert.equal(await said('meet'), 'Meet, not done, press Enter for the detail');
  });
});
