// What every page has: the theme, the search key, lists by keyboard, files by drag and drop. All of it works without, too.
const root = document.documentElement;

document.addEventListener('click', (event) => {
  const toggle = event.target.closest('[data-theme-toggle]');
  if (toggle) {
    const now = root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    root.dataset.theme = now === 'dark' ? 'light' : 'dark';
    // A cookie, so that the server can draw the next page in it from the first pixel.
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; SameSite=Lax`;
  }
  for (const open of document.querySelectorAll('details.who[open]')) {
    if (!open.contains(event.target)) open.open = false;
  }
});

const typing = (target) => target.closest('input, textarea, select, [contenteditable]');

addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    const box = [...document.querySelectorAll('[data-search]')].find((each) => each.offsetParent) ;
    event.preventDefault();
    if (box) { box.focus(); box.select(); } else { location.href = '/search'; }
    return;
  }
  const menu = event.key === 'Escape' && document.querySelector('details.who[open]');
  if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1);
  if (event.key === 'x') current()?.querySelector('.tick input')?.click();
});

const rows = () => [...document.querySelectorAll('table.list[data-keys] tbody tr')];
const current = () => rows().find((row) => 'current' in row.dataset);

function move(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  for (const row of all) delete row.dataset.current;
  next.dataset.current = '';
  next.querySelector('.main a')?.focus();
  next.scrollIntoView({block: 'nearest'});
}

for (const form of document.querySelectorAll('form[data-confirm]')) {
  form.addEventListener('submit', (event) => {
    if (!confirm(form.dataset.confirm)) event.preventDefault();
  });
}

// A form that is sent twice by a nervous finger is sent once.
for (const form of document.querySelectorAll('form[method="post"]')) {
  const buttons = (disabled) => { for (const button of form.querySelectorAll('button:not([type="button"])')) button.disabled = disabled; };
  form.addEventListener('submit', (event) => setTimeout(() => { if (!event.defaultPrevented) buttons(true); }));
  addEventListener('pageshow', () => buttons(false));
}

// A file may be dropped anywhere on the page: beside the zone the browser would open it and leave the page.
const zone = document.querySelector('[data-drop]');
if (zone) {
  const input = zone.querySelector('input[type="file"]');
  const over = (on) => (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (on) zone.dataset.over = ''; else delete zone.dataset.over;
  };
  addEventListener('dragover', over(true));
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) over(false)(event); });
  addEventListener('drop', (event) => {
    over(false)(event);
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.form.requestSubmit();
  });
}
