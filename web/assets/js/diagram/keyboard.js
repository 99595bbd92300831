/** Arrow keys walk through a drawing; what is reached is selected and said aloud. */

export function moveByKeyboard(view) {
  view.frame.scroller.addEventListener('keydown', (event) => {
    if (event.target !== view.frame.scroller && event.target.closest('a, button')) return;
    if (event.altKey || event.ctrlKey || event.metaKey || !view.elements?.length) return;
    if (event.key === 'Enter') {
      follow(view, event);
      return;
    }
    const target = targetOf(view, event.key);
    if (target === undefined) return;
    event.preventDefault();
    if (target) view.select(target);
  });
}

function follow(view, event) {
  const address = view.selected && view.detailAddress(view.selected);
  if (!address) return;
  event.preventDefault();
  window.location.assign(address);
}

/** The step that a key leads to, null at an end of the flow, undefined for another key. */
function targetOf(view, key) {
  const { elements, flow, selected } = view;
  const at = elements.indexOf(selected);
  const moves = {
    ArrowRight: () => flow.get(selected)?.next[0],
    ArrowLeft: () => flow.get(selected)?.previous[0],
    ArrowDown: () => elements[at + 1],
    ArrowUp: () => elements[at - 1],
    Home: () => elements[0],
    End: () => elements[elements.length - 1],
  };
  if (!Object.hasOwn(moves, key)) return undefined;
  return (at < 0 ? startingPoint(view) : moves[key]()) ?? null;
}

/** The first key press goes to what is being waited for, or to the start. */
function startingPoint({ elements, state }) {
  return elements.find(({ id }) => state.get(id)?.waiting.length) ?? elements[0];
}
