// The studio: drawing a flow, saying who does what by when, and publishing it.
import Modeler from 'bpmn-js/lib/Modeler';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import minimap from 'diagram-js-minimap';
import {$, colours, config, el, fetched, fit, say, show, withLayout} from '../drawing.js';
import panel from './panel.js';
import swedish from './swedish.js';
import '../bpmn.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';

const place = $('#canvas');
const modeler = new Modeler({
  container: place,
  additionalModules: [panel, minimap, ...(document.documentElement.lang === 'sv' ? [swedish] : [])],
  moddleExtensions: {camunda},
  bpmnRenderer: colours,
});
const status = $('#status');
let revision = config.revision;
let saved = 0;
let changes = 0;
let checking;

function tell(text, kind = '') {
  status.textContent = text;
  status.dataset.kind = kind;
}

await modeler.importXML(await withLayout(await fetched(config.xmlUrl)));
place.querySelector('.loading')?.remove();
for (const entry of place.querySelectorAll('.djs-palette [aria-label]')) entry.title = entry.getAttribute('aria-label');
fit(modeler);
outline();
check();

modeler.on('commandStack.changed', () => {
  changes += 1;
  tell(say('Unsaved changes'));
  clearTimeout(checking);
  checking = setTimeout(() => { check(); outline(); }, 600);
});

// ------------------------------------------------------------ saving

async function save(publish) {
  const {xml} = await modeler.saveXML({format: true});
  const at = changes;
  try {
    const answer = await fetched(publish ? config.publishUrl : config.saveUrl, {
      method: 'POST', body: JSON.stringify({xml, revision}), type: 'application/json',
    });
    revision = answer.revision ?? revision;
    saved = at;
    tell(answer.message, 'ok');
    if (answer.location) location.href = answer.location;
  } catch (error) {
    tell(error.message, 'error');
    if (error.content?.problems) list(error.content.problems);
  }
}

$('#save').addEventListener('click', () => save(false));
$('#publish').addEventListener('click', () => save(true));
$('#undo').addEventListener('click', () => modeler.get('commandStack').undo());
$('#redo').addEventListener('click', () => modeler.get('commandStack').redo());
$('#fit').addEventListener('click', () => fit(modeler));
$('#download').addEventListener('click', async () => {
  const {xml} = await modeler.saveXML({format: true});
  const link = el('a', {href: URL.createObjectURL(new Blob([xml], {type: 'application/xml'})), download: `${config.key}.bpmn`});
  link.click();
  URL.revokeObjectURL(link.href);
});
addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') { event.preventDefault(); save(false); }
});
addEventListener('beforeunload', (event) => { if (changes > saved) event.preventDefault(); });

// ------------------------------------------------------------ what is wrong, in words

async function check() {
  const {xml} = await modeler.saveXML();
  try {
    list((await fetched(config.checkUrl, {method: 'POST', body: xml, type: 'application/xml'})).problems);
  } catch (error) {
    tell(error.message, 'error');
  }
}

function list(problems) {
  const canvas = modeler.get('canvas'), registry = modeler.get('elementRegistry');
  registry.forEach((element) => canvas.hasMarker(element.id, 'mark-problem') && canvas.removeMarker(element.id, 'mark-problem'));
  const errors = problems.filter((each) => each.severity === 'error').length;
  $('#problem-count').textContent = problems.length ? `${problems.length}` : '';
  $('#publish').disabled = errors > 0;
  $('#problems').replaceChildren(...(problems.length ? problems.map(shown) : [el('li', {class: 'muted'}, say('Nothing to mend.'))]));
  function shown(problem) {
    if (registry.get(problem.elementId) && problem.severity === 'error') canvas.addMarker(problem.elementId, 'mark-problem');
    const button = el('button', {type: 'button', class: 'element'}, problem.message);
    button.addEventListener('click', () => choose(problem.elementId));
    return el('li', {'data-severity': problem.severity}, button, el('span', {class: 'small muted'}, problem.remedy));
  }
}

// ------------------------------------------------------------ the same flow as a list: the keyboard's way in

function outline() {
  const registry = modeler.get('elementRegistry');
  const wanted = registry.filter((each) => /Task|CallActivity|SubProcess|StartEvent|EndEvent|Gateway|BoundaryEvent/.test(each.type) && !each.labelTarget
    && (each.businessObject.name || /Task$|Activity$|SubProcess$/.test(each.type)));
  wanted.sort((a, b) => a.x - b.x || a.y - b.y);
  $('#outline').replaceChildren(...wanted.map((element) => {
    const button = el('button', {type: 'button', class: 'element'}, element.businessObject.name || say(element.type.replace('bpmn:', '')));
    button.addEventListener('click', () => choose(element.id));
    return el('li', {}, button);
  }));
}

function choose(id) {
  const element = modeler.get('elementRegistry').get(id);
  if (!element) return;
  modeler.get('selection').select(element);
  show(modeler, id);
  $('#panel')?.querySelector('input, select, textarea')?.focus();
}

$('#append').addEventListener('click', () => {
  const [element] = modeler.get('selection').get();
  if (!element) { tell(say('Select an element first.'), 'error'); return; }
  const shape = modeler.get('elementFactory').createShape({type: 'bpmn:UserTask'});
  const added = modeler.get('autoPlace').append(element, shape);
  choose(added.id);
});

document.body.dataset.ready = 'studio';
