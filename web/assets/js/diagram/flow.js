/** The order of a drawing's steps: what comes after what, and one list that holds them all. */

const STEP = /^bpmn:(.*(Task|Event|Gateway|Activity|SubProcess)|Transaction)$/;

/** Every step of the drawing in reading order: as the flow runs, then left to right. */
export function listElements(viewer) {
  const steps = viewer
    .get('elementRegistry')
    .filter((element) => STEP.test(element.type) && !element.labelTarget)
    .sort((a, b) => a.x - b.x || a.y - b.y);
  const ordered = [];
  const seen = new Set();
  const walk = (step) => {
    const waiting = [step];
    while (waiting.length) {
      const next = waiting.shift();
      if (seen.has(next)) continue;
      seen.add(next);
      ordered.push(next);
      waiting.push(...followers(next));
    }
  };
  steps.filter((step) => !leaders(step).length).forEach(walk);
  steps.forEach(walk);
  return ordered;
}

/** Map of step → {next, previous}, lists of steps; a boundary event follows its host. */
export function readFlow(elements) {
  return new Map(
    elements.map((step) => [step, { next: followers(step), previous: leaders(step) }]),
  );
}

function followers(step) {
  return [
    ...(step.outgoing ?? []).filter(isFlow).map((flow) => flow.target),
    ...(step.attachers ?? []).filter(({ labelTarget }) => !labelTarget),
  ];
}

function leaders(step) {
  const before = (step.incoming ?? []).filter(isFlow).map((flow) => flow.source);
  return step.host ? [step.host, ...before] : before;
}

function isFlow({ type }) {
  return type === 'bpmn:SequenceFlow';
}
