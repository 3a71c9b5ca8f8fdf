// The diagram of a journey or of a flow: a picture of what the page says in words beside it.
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import {$, colours, config, el, fetched, fit, show, showWithin, withLayout} from './drawing.js';
import {inTheLanguageOfThePage} from './language.js';
import './bpmn.css';

/** Below this scale the words in the shapes are guesses. */
const READABLE = 0.6;
const place = $('#canvas');
const viewer = new Viewer({container: place, bpmnRenderer: colours});
inTheLanguageOfThePage(viewer, config.names);

try {
  const xml = await fetched(config.xmlUrl);
  await viewer.importXML(await withLayout(xml));
  place.querySelector('.loading')?.remove();
  mark();
  frame();
} catch (error) {
  place.querySelector('.loading').textContent = error.message;
}

function mark() {
  const canvas = viewer.get('canvas'), registry = viewer.get('elementRegistry'), overlays = viewer.get('overlays');
  for (const [id, state] of Object.entries(config.marks ?? {})) {
    const element = registry.get(id);
    if (!element || element.waypoints) continue;
    canvas.addMarker(id, `mark-${state}`);
    const who = config.waiting?.[id];
    if (who && (state === 'active' || state === 'late')) {
      overlays.add(id, {position: {top: -10, left: element.width / 2}, html: el('span', {class: 'badge', 'data-state': state}, who)});
    }
  }
}

/** The whole flow where that can be read; a wide one at a readable size, where the work is now or where it begins. */
function frame() {
  fit(viewer);
  const canvas = viewer.get('canvas'), registry = viewer.get('elementRegistry');
  if (canvas.zoom() >= READABLE) return;
  const active = Object.entries(config.marks ?? {}).find(([, state]) => state === 'late' || state === 'active');
  const start = registry.get(active?.[0]) ?? registry.find((each) => each.type === 'bpmn:StartEvent');
  if (start) showWithin(viewer, start, READABLE);
}

for (const row of document.querySelectorAll('[data-activity]')) {
  const id = row.dataset.activity;
  const canvas = () => viewer.get('canvas');
  const there = () => viewer.get('elementRegistry').get(id);
  const on = () => there() && canvas().addMarker(id, 'mark-hot');
  const off = () => there() && canvas().removeMarker(id, 'mark-hot');
  row.addEventListener('pointerenter', on);
  row.addEventListener('pointerleave', off);
  row.addEventListener('focusin', on);
  row.addEventListener('focusout', off);
  row.addEventListener('click', (event) => { if (!event.target.closest('a')) show(viewer, id); });
}

const zoom = (by) => () => viewer.get('zoomScroll').stepZoom(by);
$('[data-zoom="in"]')?.addEventListener('click', zoom(1));
$('[data-zoom="out"]')?.addEventListener('click', zoom(-1));
$('[data-zoom="fit"]')?.addEventListener('click', () => fit(viewer));
document.body.dataset.ready = 'viewer';
