/** A page without a browser: what a script finds around it, over happy-dom. */
import { Window } from 'happy-dom';

/** Shows `html` and makes its window the one that scripts see; returns the window. */
export function show(html) {
  const window = new Window({ url: 'http://localhost/' });
  const { document, CSS, CustomEvent, FormData, navigator } = window;
  document.body.innerHTML = html;
  give({ window, document, CSS, CustomEvent, FormData, navigator });
  return window;
}

/** Puts `parts` where scripts look for what a browser gives them. */
export function give(parts) {
  for (const [name, value] of Object.entries(parts)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** Types `text` into an input, or chooses it from a list, as a person does. */
export function type(input, text) {
  input.value = text;
  fire(input, 'input');
}

/** Lets `target` have an event that goes up to its form; returns whether it was left to run on. */
export function fire(target, name, more = {}) {
  const event = new window.Event(name, { bubbles: true, cancelable: true });
  return target.dispatchEvent(Object.assign(event, more));
}
