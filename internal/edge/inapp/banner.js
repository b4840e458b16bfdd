// Shows notices about incidents to the users of a product. It needs nothing but this:
//
//   <script src="https://status.example.com/in-app/v1/banner.js" data-token-url="/allclear-token" defer></script>
//
// data-token-url  where the product answers with a fresh token for the signed-in user, as plain text
// data-token      a token, where the page is made anew often enough
// data-lang       en, de or fr; that of the page when absent
// data-mount      id of an element that the banner goes into; the top of the body when absent
//
// Everything shown is text: nothing of a notice is ever read as markup. There is no style in the
// page, so that it works under a strict Content-Security-Policy (script-src and connect-src of
// this origin are all it asks for).
(() => {
  'use strict';
  const me = document.currentScript;
  if (!me) return;
  const base = new URL('.', me.src);
  const words = {
    en: { region: 'Service notices', dismiss: 'Dismiss', investigating: 'We are looking into it', identified: 'Cause found', monitoring: 'Recovering', resolved: 'Resolved' },
    de: { region: 'Hinweise zum Dienst', dismiss: 'Schließen', investigating: 'Wird untersucht', identified: 'Ursache gefunden', monitoring: 'Erholt sich', resolved: 'Behoben' },
    fr: { region: 'Avis de service', dismiss: 'Fermer', investigating: 'Analyse en cours', identified: 'Cause identifiée', monitoring: 'Rétablissement en cours', resolved: 'Résolu' },
  };
  const lang = (me.dataset.lang || document.documentElement.lang || 'en').slice(0, 2).toLowerCase();
  const say = words[lang] || words.en;

  const css = `
:host { all: initial; display: block; }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; gap: 12px; align-items: flex-start; padding: 12px 16px; font: 15px/1.45 system-ui, sans-serif; color: #3d2a00; background: #fff4d6; border-bottom: 1px solid #e5c877; }
li.over { color: #0b3a1e; background: #e2f5e9; border-color: #9fd3b4; }
div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
strong { display: block; }
span { font-weight: 600; }
p { margin: 4px 0 0; white-space: pre-line; }
button { flex: none; min-width: 44px; min-height: 44px; padding: 0 12px; font: inherit; color: inherit; background: transparent; border: 1px solid currentColor; border-radius: 6px; cursor: pointer; }
button:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  li { color: #ffe7ad; background: #3a2c0a; border-color: #6b5316; }
  li.over { color: #c9f0d8; background: #103320; border-color: #2a6b45; }
}
@media (forced-colors: active) { li, li.over { border: 1px solid CanvasText; } }`;

  const host = document.createElement('allclear-banner');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const region = document.createElement('section');
  region.setAttribute('aria-label', say.region);
  const list = document.createElement('ul');
  list.setAttribute('aria-live', 'polite');
  list.setAttribute('aria-relevant', 'additions text');
  region.append(list);
  region.hidden = true;
  root.append(region);

  // What was dismissed is remembered by revision: the next message is shown again.
  const memory = 'allclear.dismissed';
  let dismissed = [];
  try {
    dismissed = JSON.parse(sessionStorage.getItem(memory)) || [];
  } catch { /* no storage: until the page is left */ }
  const dismiss = (revision) => {
    dismissed = [...dismissed, revision].slice(-50);
    try {
      sessionStorage.setItem(memory, JSON.stringify(dismissed));
    } catch { /* as above */ }
  };

  const rows = new Map();
  const element = (name, text) => {
    const e = document.createElement(name);
    e.textContent = text;
    return e;
  };
  const draw = (items) => {
    const wanted = items.filter((n) => !dismissed.includes(n.revision));
    for (const [id, row] of rows) {
      if (!wanted.some((n) => n.id === id && n.revision === row.revision)) {
        row.node.remove();
        rows.delete(id);
      }
    }
    for (const n of wanted) {
      if (rows.has(n.id)) continue;
      const node = document.createElement('li');
      node.classList.toggle('over', n.status === 'resolved');
      const body = document.createElement('div');
      body.append(element('strong', n.title), element('span', say[n.status] || ''), element('p', n.text));
      const button = element('button', say.dismiss);
      button.type = 'button';
      button.setAttribute('aria-label', say.dismiss + ': ' + n.title);
      button.addEventListener('click', () => {
        dismiss(n.revision);
        draw(items);
      });
      node.append(body, button);
      list.append(node);
      rows.set(n.id, { node, revision: n.revision });
    }
    region.hidden = rows.size === 0;
    clearTimeout(draw.timer);
    const ends = items.map((n) => Date.parse(n.expires_at || '')).filter((t) => t > Date.now());
    if (ends.length > 0) {
      draw.timer = setTimeout(() => draw(items.filter((n) => !n.expires_at || Date.parse(n.expires_at) > Date.now())), Math.min(...ends) - Date.now() + 500);
    }
  };

  const token = async () => {
    if (!me.dataset.tokenUrl) return me.dataset.token || '';
    const url = new URL(me.dataset.tokenUrl, document.baseURI);
    const answer = await fetch(url, { credentials: 'same-origin', cache: 'no-store' });
    return answer.ok ? (await answer.text()).trim() : '';
  };
  const ask = async (what) => fetch(new URL(what, base), { headers: { Authorization: 'Bearer ' + (await token()) }, credentials: 'omit', cache: 'no-store' });

  // read follows the stream until it ends.
  const read = async (answer) => {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = text.slice(0, end).split('\n').find((l) => l.startsWith('data: '));
        text = text.slice(end + 2);
        if (data) draw(JSON.parse(data.slice(6)).items);
      }
    }
  };
  const pause = (ms) => new Promise((go) => setTimeout(go, ms * (0.75 + Math.random() / 2)));
  const run = async () => {
    for (let wait = 1000; ;) {
      try {
        const answer = await ask('stream');
        if (answer.ok) {
          wait = 1000;
          await read(answer);
        } else if (answer.status === 503) {
          const list = await ask('notices');
          if (list.ok) draw((await list.json()).items);
          wait = 30000;
        } else if (answer.status === 403) {
          return; // this page may not ask
        }
      } catch { /* away: what is shown stays */ }
      await pause(wait);
      wait = Math.min(wait * 2, 60000);
    }
  };
  const begin = () => {
    const mount = me.dataset.mount && document.getElementById(me.dataset.mount);
    (mount || document.body).prepend(host);
    run();
  };
  if (document.body) begin();
  else document.addEventListener('DOMContentLoaded', begin);
})();
