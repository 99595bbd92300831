/** A drawing as bpmn-js holds one, without the picture: its elements, its flows, and what is shown. */

/** Returns the elements by name: { start: ['startEvent', x, y] }, joined by [['start', 'end']]. */
export function elements(steps, flows = [], hosts = {}) {
  const made = {};
  for (const [id, [kind, x = 0, y = 0, businessObject = {}]] of Object.entries(steps)) {
    made[id] = {
      id,
      type: `bpmn:${kind}`,
      x,
      y,
      width: 100,
      height: 80,
      businessObject,
      incoming: [],
      outgoing: [],
      attachers: [],
    };
  }
  for (const [from, to, type = 'bpmn:SequenceFlow'] of flows) {
    const flow = { type, source: made[from], target: made[to] };
    made[from].outgoing.push(flow);
    made[to].incoming.push(flow);
  }
  for (const [boundary, host] of Object.entries(hosts)) {
    made[boundary].host = made[host];
    made[host].attachers.push(made[boundary]);
  }
  return made;
}

/** What bpmn-js does for a view of ours: remembers the markers, the labels and the size asked for. */
export class Viewer {
  markers = new Map();
  labels = [];
  selected = null;
  imported = null;
  inner = { x: 100, y: 50, width: 960, height: 460 };

  constructor(made) {
    this.made = made;
  }

  /** Begins like the constructor of bpmn-js: draws into a container. */
  in({ container }) {
    container.innerHTML = '<div class="djs-container"><svg></svg></div>';
    return this;
  }

  async importXML(xml) {
    this.imported = xml;
  }

  get(part) {
    return {
      elementRegistry: {
        filter: (wanted) => Object.values(this.made).filter(wanted),
        get: (id) => this.made[id],
      },
      canvas: {
        addMarker: (id, marker) => this.marked(id).add(marker),
        removeMarker: (id, marker) => this.marked(id).delete(marker),
        resized: () => {},
        viewbox: () => ({ inner: this.inner }),
        getGraphics: () => ({ scrollIntoView: () => {} }),
      },
      overlays: {
        add: (element, type, { html }) => this.labels.push({ element, type, html }),
        remove: ({ type }) => {
          this.labels = this.labels.filter((each) => each.type !== type);
        },
      },
      selection: {
        select: (element) => {
          this.selected = element;
        },
      },
    }[part];
  }

  marked(id) {
    if (!this.markers.has(id)) this.markers.set(id, new Set());
    return this.markers.get(id);
  }

  /** The markers of an element, in words. */
  shows(id) {
    return [...this.marked(id)].join(' ');
  }

  /** The texts of the labels of a type. */
  says(type) {
    return this.labels.filter((each) => each.type === type).map(({ html }) => html.textContent);
  }
}
