// A drawing in the language of the page: the server knows what its elements are called there.

/** Pixels of one character, and of one line, in the drawing's small labels; and how wide those may become. */
const CHARACTER = 6.2, LINE = 14, WIDEST = 90;

/** `names` by element id; a pool is called what its process is called. */
export function inTheLanguageOfThePage(viewer, names = {}) {
  viewer.on('import.parse.complete', ({definitions, elementsById}) => {
    const renamed = new Set();
    for (const element of Object.values(elementsById ?? {})) {
      const name = element.name && (names[element.id] ?? names[element.processRef?.id]);
      if (!name) continue;
      element.name = name;
      renamed.add(element);
    }
    for (const {plane} of definitions?.diagrams ?? []) {
      for (const drawn of plane.planeElement ?? []) {
        if (renamed.has(drawn.bpmnElement) && drawn.label?.bounds) makeRoom(drawn);
      }
    }
  });
}

/** The label was measured for other words: it grows away from its shape; beside a flow, away from its beginning. */
function makeRoom({bpmnElement: {name}, bounds: shape, label: {bounds}}) {
  const long = (text) => Math.ceil(text.length * CHARACTER) + 4;
  const word = Math.max(...name.split(/\s+/).map(long));
  const width = Math.max(bounds.width, word, Math.min(long(name), WIDEST));
  const height = Math.max(bounds.height, Math.ceil(long(name) / width) * LINE);
  if (shape) {
    bounds.x -= (width - bounds.width) / 2;
    if (bounds.y < shape.y) bounds.y -= height - bounds.height;
  }
  Object.assign(bounds, {width, height});
}
