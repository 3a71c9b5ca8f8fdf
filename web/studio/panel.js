// Our own properties panel: names, departments, days, forms, guidance. It speaks of people, and writes camunda: attributes.
import {getBusinessObject, is} from 'bpmn-js/lib/util/ModelUtil';
import {$, config, el, say} from '../drawing.js';
import {property, setExtension, setProperty} from './extensions.js';
import {formEditor} from './forms.js';

/** A due date in working days from a beginning: `${workday(firstDay, -5)}`, `${workday(now(), 2)}`. */
const days = (from) => new RegExp(`^\\$\\{workday\\(${from.replace(/[()]/g, '\\$&')}, (-?\\d+)\\)\\}$`);
const NOW = 'now()';
const due = (target) => target.get('camunda:dueDate');
const anchor = (target) => (is(target, 'bpmn:Process') ? property(target, 'anchor') : target.$parent && anchor(target.$parent));
const dueIn = (label, from, hint) => ({
  label, hint, for: 'bpmn:UserTask', kind: 'number', attribute: 'camunda:dueDate',
  when: (target) => from(target) && (!due(target) || days(from(target)).test(due(target))),
  read: (value, target) => value?.match(days(from(target)))?.[1] ?? '',
  write: (value, target) => `\${workday(${from(target)}, ${value})}`,
});

const FIELDS = [
  {label: 'Name', for: 'bpmn:FlowElement', kind: 'textarea', get: (b) => b.name, set: (v) => ({name: v})},
  {label: 'Name in Swedish', for: 'bpmn:FlowElement', kind: 'text', property: 'name:sv'},
  {label: 'Department', for: 'bpmn:UserTask', kind: 'select', attribute: 'camunda:candidateGroups', options: () => config.departments, blank: 'lane'},
  {label: 'Held by', for: 'bpmn:UserTask', kind: 'text', attribute: 'camunda:assignee', hint: 'Leave empty: the department claims it.'},
  dueIn('Due, working days from the first day', anchor, '-5 is five working days before.'),
  dueIn('Due, working days after it comes', () => NOW, '0 is the same day.'),
  {label: 'Due date', for: 'bpmn:UserTask', kind: 'text', attribute: 'camunda:dueDate',
    when: (target) => due(target) && ![NOW, anchor(target)].some((from) => from && days(from).test(due(target)))},
  {label: 'Not for whoever', for: 'bpmn:UserTask', kind: 'ticks', property: 'notBy', options: (target, panel) => panel.doers(target),
    hint: 'Somebody else has to do it: administrators and substitutes too.'},
  {label: 'Condition', for: 'bpmn:SequenceFlow', kind: 'text', get: (b) => b.conditionExpression?.body,
    set: (v, factory) => ({conditionExpression: v ? factory.create('bpmn:FormalExpression', {body: v}) : undefined}),
    when: (b) => /Exclusive|Inclusive/.test(b.sourceRef?.$type ?? ''), hint: '${cost > 25000}'},
  {label: 'Handler', for: 'bpmn:ServiceTask', kind: 'select', attribute: 'camunda:delegateExpression', options: () => config.handlers},
  {label: 'Topic for workers', for: 'bpmn:ServiceTask', kind: 'text', attribute: 'camunda:topic', also: (v) => ({'camunda:type': v ? 'external' : undefined})},
  {label: 'Guidance for whoever does this', for: 'bpmn:FlowElement', kind: 'textarea', get: (b) => b.documentation?.[0]?.text,
    set: (v, factory) => ({documentation: v ? [factory.create('bpmn:Documentation', {text: v})] : []})},
  {label: 'Guidance in Swedish', for: 'bpmn:FlowElement', kind: 'textarea', property: 'documentation:sv'},
];

class Panel {
  static $inject = ['eventBus', 'selection', 'modeling', 'bpmnFactory', 'elementRegistry'];

  constructor(eventBus, selection, modeling, factory, registry) {
    Object.assign(this, {modeling, factory, registry, place: $('#panel')});
    eventBus.on(['selection.changed', 'import.done'], () => this.render(selection.get()));
    // Not for our own change: the fields stay, and with them what is being typed.
    eventBus.on('element.changed', ({element}) => element === this.shown && !this.writing && this.render([element]));
  }

  render(selected) {
    const element = selected.length === 1 ? selected[0] : undefined;
    this.shown = element;
    if (!element) {
      const hint = selected.length ? 'Several elements are selected.' : 'Select an element to say who does it and by when.';
      this.place.replaceChildren(el('p', {class: 'muted'}, say(hint)));
      return;
    }
    const target = getBusinessObject(element.labelTarget ?? element);
    const kind = target.$type.replace('bpmn:', '');
    const fields = FIELDS.filter((field) => is(target, field.for) && (!field.when || field.when(target)));
    this.place.replaceChildren(
      el('p', {class: 'kind'}, say(kind)),
      ...fields.map((field) => this.field(field, element, target)),
      ...(is(target, 'bpmn:UserTask') || (is(target, 'bpmn:StartEvent') && !target.eventDefinitions?.length)
        ? [formEditor(target, (data) => this.write(element, () => setExtension(target, this.factory, 'camunda:FormData', data)))] : []),
    );
  }

  value(field, target) {
    if (field.property) return property(target, field.property);
    return field.attribute ? target.get(field.attribute) : field.get(target);
  }

  field(field, element, target) {
    const id = `panel-${field.label.toLowerCase().replace(/\W+/g, '-')}`;
    const raw = this.value(field, target);
    const value = field.read ? field.read(raw, target) : raw ?? '';
    const attributes = {id, class: 'control', 'aria-describedby': field.hint ? `${id}-hint` : null};
    if (field.kind === 'ticks') return this.ticks(field, element, target, id, value);
    let input;
    if (field.kind === 'select') {
      const options = field.options() ?? [];
      const unknown = value && !options.some(([key]) => key === value) ? [[value, value]] : [];
      input = el('select', attributes, el('option', {value: ''}, field.blank === 'lane' ? this.ofItsLane(target) : '—'),
        ...[...options, ...unknown].map(([key, label]) => el('option', {value: key, selected: key === value}, label)));
    } else {
      input = field.kind === 'textarea' ? el('textarea', {...attributes, rows: 2}) : el('input', {...attributes, type: field.kind});
      input.value = value;
    }
    input.addEventListener('change', () => this.write(element, () => this.update(field, element, target, input.value.trim())));
    return el('div', {class: 'field'}, el('label', {for: id}, say(field.label)), input,
      field.hint ? el('span', {class: 'help', id: `${id}-hint`}, say(field.hint)) : null);
  }

  /** Several may be chosen; they stand in the model with commas between. What is chosen and not there any more can be taken out. */
  ticks(field, element, target, id, value) {
    const chosen = value.split(',').map((each) => each.trim()).filter(Boolean);
    const options = field.options(target, this);
    const gone = chosen.filter((each) => !options.some(([key]) => key === each)).map((each) => [each, each]);
    const boxes = [...options, ...gone].map(([key, label]) => [el('input', {type: 'checkbox', value: key, checked: chosen.includes(key)}), label]);
    for (const [box] of boxes) {
      box.addEventListener('change', () => {
        const ticked = boxes.map(([each]) => each).filter((each) => each.checked).map((each) => each.value);
        this.write(element, () => this.update(field, element, target, ticked.join(', ')));
      });
    }
    return el('fieldset', {class: 'field choices', id, 'aria-describedby': `${id}-hint`}, el('legend', {}, say(field.label)),
      el('div', {class: 'many'}, ...boxes.map(([box, label]) => el('label', {class: 'check'}, box, ' ', el('span', {}, label)))),
      el('span', {class: 'help', id: `${id}-hint`}, say(field.hint)));
  }

  /** Who may have done something that keeps them from this task: who started the journey, or did another task of its process. */
  doers(target) {
    const process = (each) => (!each || is(each, 'bpmn:Process') ? each : process(each.$parent));
    const tasks = this.registry.filter((each) => is(each, 'bpmn:UserTask') && !each.labelTarget).map(getBusinessObject)
      .filter((each) => each !== target && process(each) === process(target));
    return [['starter', say('started the journey')], ...tasks.map((each) => [each.id, say('did “%”').replace('%', each.name || each.id)])];
  }

  /** What a task without a department of its own has: that of the innermost lane around it. */
  ofItsLane(target) {
    const lanes = this.registry.filter((each) => is(each, 'bpmn:Lane') && each.businessObject.flowNodeRef?.includes(target));
    const [lane] = lanes.sort((a, b) => a.width * a.height - b.width * b.height);
    if (!lane) return '—';
    const key = property(lane.businessObject, 'department');
    const name = config.departments.find(([each]) => each === key)?.[1] ?? lane.businessObject.name ?? lane.id;
    return `${say('As its lane:')} ${name}`;
  }

  update(field, element, target, text) {
    const value = text === '' ? undefined : field.write ? field.write(text, target) : text;
    if (field.property) return {extensionElements: setProperty(target, this.factory, field.property, value)};
    return field.attribute ? {[field.attribute]: value, ...(field.also?.(value) ?? {})} : field.set(value, this.factory);
  }

  write(element, change) {
    this.writing = true;
    try {
      const properties = change();
      this.modeling.updateProperties(element.labelTarget ?? element, properties.$type ? {extensionElements: properties} : properties);
    } finally {
      this.writing = false;
    }
  }
}

export default {__init__: ['onedoorPanel'], onedoorPanel: ['type', Panel]};
