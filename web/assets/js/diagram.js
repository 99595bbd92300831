/**
 * Shows the process drawings of a page.
 *
 * <div class="app-diagram" data-diagram-url="/…/case.bpmn"> is filled with the drawing. Optional:
 *   data-diagram-state       {"done": [id…], "waiting": [{"element": id, "label": who}…]}
 *   data-diagram-state-url   where the same JSON is to be had
 *   data-diagram-label       the accessible name, "Diagram" unless given
 *   data-detail-url-template where a call activity leads; {called} becomes the called process
 *
 * The div fires `diagram:shown` or `diagram:failed` and listens to `diagram:state`, whose detail
 * is a state; a detail with `url` brings another drawing too (a case's history crosses versions).
 */
import Viewer from 'bpmn-js/lib/Viewer';

import { DiagramView } from './diagram/view.js';

function start(host) {
  const view = new DiagramView(host, (options) => new Viewer(options));
  let latest = Promise.resolve();
  const queue = (work) => {
    latest = latest.then(work).catch((error) => view.fail(error));
  };

  host.addEventListener('diagram:state', ({ detail }) => {
    queue(async () => {
      if (detail.url) await view.load(detail.url);
      view.showState(detail);
    });
  });
  queue(async () => {
    await view.load(host.dataset.diagramUrl);
    view.showState(await firstState(host.dataset));
  });
}

async function firstState({ diagramState, diagramStateUrl }) {
  if (diagramState) return JSON.parse(diagramState);
  if (!diagramStateUrl) return {};
  const response = await fetch(diagramStateUrl, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`${diagramStateUrl} answered ${response.status}`);
  return response.json();
}

function startAll() {
  document.querySelectorAll('.app-diagram[data-diagram-url]').forEach(start);
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', startAll);
else startAll();
