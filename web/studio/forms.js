// The fields of a form, one row each: what is asked, of which type, and whether it must be answered.
import {el, say} from '../drawing.js';
import {extension} from './extensions.js';

const TYPES = [['string', 'Text'], ['long', 'Whole number'], ['boolean', 'Yes or no'], ['date', 'Date'], ['enum', 'Choice']];

/** `write(make)` is called with a function that makes the new form data (or with nothing for no form). */
export function formEditor(target, write) {
  const fields = (extension(target, 'camunda:FormData')?.get('fields') ?? []).map(read);
  const place = el('div', {class: 'form-editor'});
  const draw = () => place.replaceChildren(el('p', {class: 'kind'}, say('Form')), ...fields.map(row), add());
  const changed = () => write(fields.length ? (factory) => formData(factory, fields) : undefined);

  function row(field, index) {
    const label = el('input', {class: 'control', 'aria-label': say('Question')});
    label.value = field.label;
    label.addEventListener('change', () => {
      field.label = label.value;
      field.id ||= named(label.value, fields);
      changed();
    });
    const type = el('select', {class: 'control', 'aria-label': say('Type')},
      ...TYPES.map(([key, text]) => el('option', {value: key, selected: key === field.type}, say(text))));
    type.addEventListener('change', () => { field.type = type.value; changed(); draw(); });
    const required = el('input', {type: 'checkbox', checked: field.required});
    required.addEventListener('change', () => { field.required = required.checked; changed(); });
    const remove = el('button', {type: 'button', class: 'btn small quiet'}, say('Remove'));
    remove.addEventListener('click', () => { fields.splice(index, 1); changed(); draw(); });
    const choices = el('input', {class: 'control', 'aria-label': say('Choices, with commas between')});
    choices.value = field.values.map((each) => each.name).join(', ');
    choices.addEventListener('change', () => {
      const old = Object.fromEntries(field.values.map((each) => [each.name, each.id]));
      field.values = choices.value.split(',').map((text) => text.trim()).filter(Boolean).map((name) => ({id: old[name] ?? named(name, []), name}));
      changed();
    });
    return el('div', {class: 'form-row'}, label, el('div', {class: 'row'}, type, remove), field.type === 'enum' ? choices : null,
      el('label', {class: 'check small'}, required, say('Must be answered')));
  }

  function add() {
    const button = el('button', {type: 'button', class: 'btn small'}, say('Add a field'));
    button.addEventListener('click', () => {
      fields.push({id: '', label: '', type: 'string', required: false, values: []});
      draw();
      place.querySelector('.form-row:last-of-type input').focus();
    });
    return button;
  }

  draw();
  return place;
}

function read(field) {
  const constraints = field.validation?.constraints ?? [];
  return {
    original: field,
    id: field.id,
    label: field.label ?? field.id,
    type: field.type ?? 'string',
    required: constraints.some((each) => each.name === 'required'),
    values: (field.values ?? []).map((each) => ({id: each.id, name: each.name})),
  };
}

/** What this editor does not know of a field (help, confidential, limits) is kept as it was. */
function formData(factory, fields) {
  const make = (type, attributes) => factory.create(type, attributes);
  return make('camunda:FormData', {
    fields: fields.filter((each) => each.id).map(({original, id, label, type, required, values}) => {
      const others = (original?.validation?.constraints ?? []).filter((each) => each.name !== 'required');
      const constraints = [...(required ? [make('camunda:Constraint', {name: 'required'})] : []), ...others];
      return make('camunda:FormField', {
        id, label, type,
        defaultValue: original?.defaultValue,
        properties: original?.properties,
        validation: constraints.length ? make('camunda:Validation', {constraints}) : undefined,
        values: type === 'enum' ? values.map((each) => make('camunda:Value', each)) : undefined,
      });
    }),
  });
}

function named(text, others) {
  const words = text.normalize('NFKD').replace(/[^\x20-\x7e]/g, '').toLowerCase().match(/[a-z0-9]+/g) ?? ['field'];
  const base = words.map((word, i) => (i ? word[0].toUpperCase() + word.slice(1) : word)).join('').replace(/^\d/, 'f$&');
  let name = base;
  for (let number = 2; others.some((each) => each.id === name); number += 1) name = `${base}${number}`;
  return name;
}
