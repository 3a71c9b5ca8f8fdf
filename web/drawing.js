// What the viewer and the studio share: fetching, colours of the theme, fitting the drawing into the free area.
export const $ = (selector, inside = document) => inside.querySelector(selector);

export const config = JSON.parse($('#page-data')?.textContent ?? '{}');

export const say = (word) => config.words?.[word] ?? word;

export async function fetched(url, {method = 'GET', body, type} = {}, again = true) {
  const answer = await fetch(url, {
    method,
    body,
    headers: {'X-CSRF-Token': config.csrf ?? '', ...(type ? {'Content-Type': type} : {})},
  });
  // Signed out and in again in another tab: the session is another one, and so is its token.
  if (answer.status === 403 && method !== 'GET' && again) {
    config.csrf = (await fetched('/session')).csrf;
    return fetched(url, {method, body, type}, false);
  }
  // The session has ended: what came is the page to sign in on, which comes back here.
  if (answer.redirected && method === 'GET') {
    location.reload();
    return new Promise(() => {});
  }
  const json = (answer.headers.get('content-type') ?? '').includes('json');
  const content = json ? await answer.json() : await answer.text();
  if (!answer.ok) throw Object.assign(new Error(content.detail ?? answer.statusText), {status: answer.status, content});
  return content;
}

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, '');
    else if (value != null && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((each) => each != null));
  return node;
}

/** The theme's colours by name, so that a drawing follows when the theme changes. */
export const colours = {
  defaultFillColor: 'var(--canvas-fill)',
  defaultStrokeColor: 'var(--canvas-stroke)',
  defaultLabelColor: 'var(--canvas-stroke)',
};

/** A drawing without coordinates gets some: laid out here, left to right. */
export async function withLayout(xml) {
  if (/<(?:\w+:)?BPMNShape\b/.test(xml)) return xml;
  const {layoutProcess} = await import('bpmn-auto-layout');
  return layoutProcess(withEnds(xml));
}

/** The layout follows `incoming` and `outgoing`, which a file may leave out: they are made of the sequence flows. */
function withEnds(xml) {
  const file = new DOMParser().parseFromString(xml, 'text/xml');
  const byId = new Map([...file.querySelectorAll('[id]')].map((each) => [each.id, each]));
  for (const flow of file.getElementsByTagNameNS('*', 'sequenceFlow')) {
    for (const [end, name] of [['sourceRef', 'outgoing'], ['targetRef', 'incoming']]) {
      const node = byId.get(flow.getAttribute(end));
      if (!node || [...node.children].some((each) => each.localName === name && each.textContent.trim() === flow.id)) continue;
      const child = file.createElementNS(flow.namespaceURI, flow.prefix ? `${flow.prefix}:${name}` : name);
      child.textContent = flow.id;
      node.append(child);
    }
  }
  return new XMLSerializer().serializeToString(file);
}

/** Fits the drawing with room for the palette on the left; never larger than life. */
export function fit(viewer) {
  const canvas = viewer.get('canvas');
  canvas.zoom('fit-viewport', 'auto');
  const palette = document.querySelector('.djs-palette');
  const left = palette ? palette.offsetLeft + palette.offsetWidth + 30 : 30;
  const {inner, outer} = canvas.viewbox();
  const scale = Math.min(1, (outer.width - left - 30) / inner.width, (outer.height - 60) / inner.height);
  if (!(scale > 0)) return;
  canvas.viewbox({
    x: inner.x - left / scale,
    y: inner.y - (outer.height / scale - inner.height) / 2,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

/** Brings one element to the middle at a size that can be read. */
export function show(viewer, id) {
  const element = viewer.get('elementRegistry').get(id);
  if (!element) return;
  const canvas = viewer.get('canvas');
  const {outer} = canvas.viewbox();
  const x = element.x ?? element.waypoints?.[0]?.x ?? 0;
  const y = element.y ?? element.waypoints?.[0]?.y ?? 0;
  const scale = Math.max(canvas.zoom(), 0.75);
  canvas.viewbox({
    x: x + (element.width ?? 0) / 2 - outer.width / scale / 2,
    y: y + (element.height ?? 0) / 2 - outer.height / scale / 2,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

/** Shows one element at this scale, without leaving half of the view empty beside the drawing. */
export function showWithin(viewer, element, scale) {
  const canvas = viewer.get('canvas');
  const {inner, outer} = canvas.viewbox();
  const margin = 20 / scale;
  const along = (middle, from, length, visible) => (length + 2 * margin <= visible
    ? from - (visible - length) / 2
    : Math.min(Math.max(middle - visible / 2, from - margin), from + length + margin - visible));
  const width = outer.width / scale, height = outer.height / scale;
  canvas.viewbox({
    x: along(element.x + element.width / 2, inner.x, inner.width, width),
    y: along(element.y + element.height / 2, inner.y, inner.height, height),
    width, height,
  });
}
