import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { listElements, readFlow } from '../../../web/assets/js/diagram/flow.js';
import { elements, Viewer } from './drawn.js';

const order = (made) => listElements(new Viewer(made)).map(({ id }) => id);

describe('the order of the steps', () => {
  it('is that of the flow, not of the drawing', () => {
    const made = elements(
      { end: ['EndEvent', 0], work: ['UserTask', 300], start: ['StartEvent', 200] },
      [
        ['start', 'work'],
        ['work', 'end'],
      ],
    );

    assert.deepEqual(order(made), ['start', 'work', 'end']);
  });

  it('takes the ways out of a gateway side by side', () => {
    const made = elements(
      {
        start: ['StartEvent', 0],
        which: ['ExclusiveGateway', 1],
        left: ['UserTask', 2],
        after: ['UserTask', 3],
        right: ['UserTask', 4],
      },
      [
        ['start', 'which'],
        ['which', 'left'],
        ['which', 'right'],
        ['left', 'after'],
      ],
    );

    assert.deepEqual(order(made), ['start', 'which', 'left', 'right', 'after']);
  });

  it('begins on the left, and above', () => {
    const made = elements({
      second: ['StartEvent', 10, 90],
      third: ['StartEvent', 20, 0],
      first: ['StartEvent', 10, 10],
    });

    assert.deepEqual(order(made), ['first', 'second', 'third']);
  });

  it('names each step once, where the flow runs in a circle too', () => {
    const made = elements(
      { start: ['StartEvent'], work: ['UserTask', 1], check: ['ExclusiveGateway', 2] },
      [
        ['start', 'work'],
        ['work', 'check'],
        ['check', 'work'],
      ],
    );

    assert.deepEqual(order(made), ['start', 'work', 'check']);
  });

  it('has those that no start leads to at its end', () => {
    const made = elements(
      { one: ['UserTask', 0], other: ['UserTask', 5], start: ['StartEvent', 9] },
      [
        ['one', 'other'],
        ['other', 'one'],
      ],
    );

    assert.deepEqual(order(made), ['start', 'one', 'other']);
  });

  it('has a boundary event after the step that it watches', () => {
    const made = elements(
      {
        late: ['BoundaryEvent', 0],
        start: ['StartEvent', 1],
        work: ['UserTask', 2],
        remind: ['SendTask', 3],
        end: ['EndEvent', 4],
      },
      [
        ['start', 'work'],
        ['work', 'end'],
        ['late', 'remind'],
      ],
      { late: 'work' },
    );

    assert.deepEqual(order(made), ['start', 'work', 'end', 'late', 'remind']);
  });

  it('leaves out what is no step', () => {
    const made = elements({
      start: ['StartEvent'],
      group: ['SubProcess', 1],
      deal: ['Transaction', 2],
      called: ['CallActivity', 3],
      pool: ['Participant', 4],
      flow: ['SequenceFlow', 5],
      note: ['TextAnnotation', 6],
      label: ['StartEvent', 7],
    });
    made.label.labelTarget = made.start;

    assert.deepEqual(order(made), ['start', 'group', 'deal', 'called']);
  });
});

describe('what comes before and after a step', () => {
  it('is what flows join it with, and no message or note', () => {
    const made = elements(
      { start: ['StartEvent'], work: ['UserTask'], note: ['UserTask'], end: ['EndEvent'] },
      [
        ['start', 'work'],
        ['work', 'end'],
        ['note', 'work', 'bpmn:MessageFlow'],
        ['work', 'note', 'bpmn:Association'],
      ],
    );

    const flow = readFlow(Object.values(made)).get(made.work);

    assert.deepEqual(flow, { previous: [made.start], next: [made.end] });
  });

  it('is the watched step for a boundary event', () => {
    const made = elements(
      { work: ['UserTask'], late: ['BoundaryEvent'], words: ['BoundaryEvent'] },
      [],
      { late: 'work', words: 'work' },
    );
    made.words.labelTarget = made.late;

    const flow = readFlow(Object.values(made));

    assert.deepEqual(flow.get(made.late).previous, [made.work]);
    assert.deepEqual(flow.get(made.work).next, [made.late]);
  });

  it('is nothing for a shape without flows', () => {
    const lone = { type: 'bpmn:UserTask' };

    assert.deepEqual(readFlow([lone]).get(lone), { next: [], previous: [] });
  });
});
