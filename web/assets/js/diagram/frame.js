/** The parts around a drawing: buttons, the scrolling frame, the spoken line, the failure line. */

let serial = 0;

const HELP =
  'Right and left arrow keys follow the flow, down and up go through all steps, ' +
  'Enter opens the detail of a step that has one.';

export function buildFrame(host, { zoomBy, fit }) {
  serial += 1;
  const label = host.dataset.diagramLabel || 'Diagram';

  const buttons = make('div', 'app-diagram__buttons');
  buttons.append(
    makeButton('Zoom in', `Zoom in on ${label}`, () => zoomBy(1.25)),
    makeButton('Zoom out', `Zoom out of ${label}`, () => zoomBy(0.8)),
    makeButton('Fit', `Fit ${label} to the page`, fit),
  );

  const help = make('p', 'govuk-visually-hidden');
  help.id = `app-diagram-help-${serial}`;
  help.textContent = HELP;

  const scroller = make('div', 'app-diagram__scroller');
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'application');
  scroller.setAttribute('aria-roledescription', 'flow diagram');
  scroller.setAttribute('aria-label', label);
  scroller.setAttribute('aria-describedby', help.id);
  const canvas = make('div', 'app-diagram__canvas');
  scroller.append(canvas);

  const live = make('p', 'app-diagram__live');
  live.setAttribute('aria-live', 'polite');

  const message = make('p', 'govuk-body app-diagram__message');
  message.textContent = 'The diagram could not be shown. The steps are listed in words below.';
  message.setAttribute('role', 'status');
  message.hidden = true;

  host.replaceChildren(buttons, help, scroller, live, message);
  return { scroller, canvas, live, message };
}

function make(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

/** The accessible name holds the words on the button, so that it can be spoken to (WCAG 2.5.3). */
function makeButton(text, name, action) {
  const button = make('button', 'govuk-button govuk-button--secondary app-diagram__button');
  button.type = 'button';
  button.textContent = text;
  button.setAttribute('aria-label', name);
  button.addEventListener('click', action);
  return button;
}
