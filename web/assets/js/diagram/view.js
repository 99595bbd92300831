/** One drawing on a page: its frame, its size, its state and what it says to a screen reader. */
import { listElements, readFlow } from './flow.js';
import { buildFrame } from './frame.js';
import { moveByKeyboard } from './keyboard.js';

/** Below this a 12 px label is no longer legible: better to scroll sideways, at a size to read. */
const SMALLEST_FIT = 0.6;
const SCROLLING_ZOOM = 0.9;
const LARGEST_FIT = 1;
const ZOOM_LIMITS = [0.3, 3];
const MARGIN = 20;
/** CSS pixels, across and down, of an upright sheet between its margins, under a heading. */
const A4 = [680, 940];
const A3 = [1040, 1440];

export class DiagramView {
  /** `newViewer` makes what draws, a viewer of bpmn-js. */
  constructor(host, newViewer) {
    this.host = host;
    this.frame = buildFrame(host, {
      zoomBy: (factor) => this.setZoom(this.zoom * factor),
      fit: () => this.fit(),
    });
    this.viewer = newViewer({
      container: this.frame.canvas,
      textRenderer: { defaultStyle: { fontFamily: 'arial, sans-serif', fontSize: 12 } },
    });
    this.state = new Map();
    this.zoom = 1;
    moveByKeyboard(this);
    window.addEventListener('resize', () => this.loaded && this.fit());
    window.addEventListener('beforeprint', () => this.loaded && this.fitSheet());
    window.addEventListener('afterprint', () => this.loaded && this.fit());
  }

  async load(url) {
    if (this.loaded === url) return;
    const response = await fetch(url, { headers: { Accept: 'application/xml, text/xml' } });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    await this.viewer.importXML(await response.text());
    this.loaded = url;
    this.state.clear();
    this.elements = listElements(this.viewer);
    this.flow = readFlow(this.elements);
    this.hideDrawingFromTabs();
    this.addDetailLinks();
    this.fit();
  }

  /** The frame takes the focus and speaks; the drawing inside would be read as loose words. */
  hideDrawingFromTabs() {
    const svg = this.frame.canvas.querySelector('svg[data-element-id], .djs-container > svg');
    svg.setAttribute('tabindex', '-1');
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('focusable', 'false');
  }

  addDetailLinks() {
    for (const element of this.elements) {
      const address = this.detailAddress(element);
      if (!address) continue;
      const link = document.createElement('a');
      link.className = 'app-diagram__detail govuk-link';
      link.href = address;
      link.textContent = 'Show the detail';
      const name = element.businessObject.name;
      if (name) link.setAttribute('aria-label', `Show the detail of ${name}`);
      this.viewer.get('overlays').add(element, 'detail', {
        position: { bottom: -4, left: 0 },
        html: link,
        scale: false,
      });
    }
  }

  detailAddress(element) {
    const template = this.host.dataset.detailUrlTemplate;
    const called = element.businessObject.calledElement;
    if (!template || !called) return null;
    return template.replace('{called}', encodeURIComponent(called));
  }

  /** Done elements are tinted; waiting ones get a thick outline and the name of who has them. */
  showState({ done = [], waiting = [] }) {
    const canvas = this.viewer.get('canvas');
    const overlays = this.viewer.get('overlays');
    for (const [id] of this.state) {
      canvas.removeMarker(id, 'app-done');
      canvas.removeMarker(id, 'app-waiting');
    }
    overlays.remove({ type: 'waiting' });
    this.state.clear();

    const registry = this.viewer.get('elementRegistry');
    for (const id of done) {
      if (!registry.get(id)) continue;
      this.state.set(id, { done: true, waiting: [] });
      canvas.addMarker(id, 'app-done');
    }
    for (const { element: id, label } of waiting) {
      if (!registry.get(id)) continue;
      const known = this.state.get(id) ?? { done: false, waiting: [] };
      known.waiting.push(label);
      this.state.set(id, known);
    }
    for (const [id, { waiting: labels }] of this.state) {
      if (!labels.length) continue;
      canvas.removeMarker(id, 'app-done');
      canvas.addMarker(id, 'app-waiting');
      this.addWaitingLabel(id, labels.filter(Boolean));
    }
    this.showWaiting();
    this.announceShown();
  }

  addWaitingLabel(id, labels) {
    const label = document.createElement('div');
    label.className = 'app-diagram__waiting';
    label.textContent = labels.length ? `Waiting: ${labels.join(', ')}` : 'Waiting';
    this.viewer.get('overlays').add(id, 'waiting', {
      position: { top: -14, left: 4 },
      html: label,
      scale: { min: 0.8, max: 1.2 },
    });
  }

  announceShown() {
    this.host.dataset.diagramShown = 'true';
    this.host.dispatchEvent(new CustomEvent('diagram:shown', { bubbles: true }));
  }

  fail(error) {
    this.frame.message.hidden = false;
    this.host.dispatchEvent(
      new CustomEvent('diagram:failed', { bubbles: true, detail: String(error) }),
    );
  }

  /** The whole width where that can be read; the page scrolls down, the frame sideways. */
  fit() {
    const fitting = this.frame.scroller.clientWidth / this.bounds().width;
    this.setZoom(fitting < SMALLEST_FIT ? SCROLLING_ZOOM : Math.min(LARGEST_FIT, fitting));
    this.showWaiting();
  }

  /** Whole on one sheet: A4 if its labels stay legible there, else A3. */
  fitSheet() {
    const { width, height } = this.bounds();
    const fitting = ([across, down]) => Math.min(across / width, down / height);
    const large = fitting(A4) < SMALLEST_FIT;
    const printed = this.host.closest('section') ?? this.host;
    printed.classList.toggle('app-large-sheet', large);
    this.setZoom(Math.min(LARGEST_FIT, fitting(large ? A3 : A4)));
  }

  setZoom(zoom) {
    this.zoom = Math.min(ZOOM_LIMITS[1], Math.max(ZOOM_LIMITS[0], zoom));
    const box = this.bounds();
    const { canvas } = this.frame;
    canvas.style.width = `${Math.ceil(box.width * this.zoom)}px`;
    canvas.style.height = `${Math.ceil(box.height * this.zoom)}px`;
    this.viewer.get('canvas').resized();
    this.viewer.get('canvas').viewbox(box);
  }

  bounds() {
    const { inner } = this.viewer.get('canvas').viewbox();
    return {
      x: inner.x - MARGIN,
      y: inner.y - MARGIN,
      width: Math.max(1, inner.width + 2 * MARGIN),
      height: Math.max(1, inner.height + 2 * MARGIN),
    };
  }

  /** On a narrow screen the frame starts where something is waited for. */
  showWaiting() {
    const first = this.elements.find(({ id }) => this.state.get(id)?.waiting.length);
    if (first) this.scrollTo(first);
  }

  scrollTo(element) {
    const { x } = this.bounds();
    const middle = (element.x + element.width / 2 - x) * this.zoom;
    const { scroller } = this.frame;
    scroller.scrollLeft = middle - scroller.clientWidth / 2;
  }

  select(element) {
    this.selected = element;
    this.viewer.get('selection').select(element);
    this.scrollTo(element);
    this.frame.live.textContent = this.describe(element);
    this.viewer
      .get('canvas')
      .getGraphics(element)
      .scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  describe(element) {
    const known = this.state.get(element.id);
    const words = [element.businessObject.name || kindInWords(element)];
    if (known?.waiting.length) {
      const who = known.waiting.filter(Boolean).join(', ');
      words.push(who ? `waiting for ${who}` : 'waiting');
    } else {
      words.push(known?.done ? 'done' : 'not done');
    }
    if (this.detailAddress(element)) words.push('press Enter for the detail');
    return words.join(', ');
  }
}

/** "bpmn:ExclusiveGateway" → "exclusive gateway", for what its author left without a name. */
function kindInWords({ type }) {
  return type
    .replace('bpmn:', '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}
