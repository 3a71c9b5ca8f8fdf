// Extension elements: every change makes a new holder, so that undo finds the old one untouched.

const values = (target) => target.get('extensionElements')?.get('values') ?? [];

export const extension = (target, type) => values(target).find((each) => each.$type === type);

export function property(target, name) {
  return extension(target, 'camunda:Properties')?.get('values').find((each) => each.name === name)?.value;
}

function holder(target, factory, kept) {
  const made = factory.create('bpmn:ExtensionElements', {values: kept});
  made.$parent = target;
  for (const each of kept) each.$parent = made;
  return made;
}

/** The extension elements with this one in place of the one of its type; without one, it is left out. */
export function setExtension(target, factory, type, element) {
  const kept = values(target).filter((each) => each.$type !== type);
  return holder(target, factory, element ? [...kept, element(factory)] : kept);
}

export function setProperty(target, factory, name, value) {
  const old = extension(target, 'camunda:Properties')?.get('values') ?? [];
  const kept = old.filter((each) => each.name !== name)
    .map((each) => factory.create('camunda:Property', {id: each.id, name: each.name, value: each.value}));
  if (value !== undefined) kept.push(factory.create('camunda:Property', {name, value}));
  const others = values(target).filter((each) => each.$type !== 'camunda:Properties');
  const properties = factory.create('camunda:Properties', {values: kept});
  for (const each of kept) each.$parent = properties;
  return holder(target, factory, kept.length ? [...others, properties] : others);
}
