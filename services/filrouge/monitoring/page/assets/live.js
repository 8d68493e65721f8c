// Keeps a page of the service up to date: each event brings the page's main part anew, and what
// differs is changed in place, so that focus, selection, scrolling and what is open stay.
"use strict";

(() => {
  const { time } = filrouge;
  const { topic, seen } = JSON.parse(document.getElementById("live-data").textContent);
  const { timezone } = JSON.parse(document.getElementById("page-data").textContent);
  const main = document.querySelector("[data-live-main]");
  const light = document.querySelector("[data-live]");
  const trouble = document.querySelector("[data-live-trouble]");
  const LOST_MS = 30_000; // three times what the server lets pass between events
  const AGAIN_MS = 5_000;
  const OWN = "[data-waterfall], [data-sortable] > thead"; // what scripts have filled

  let newest = seen;
  let heardMs = Date.now();
  let source = null;

  // --- changing the page in place ---

  function sync(old, fresh) {
    if (old.matches(OWN)) return;
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "open" && name !== "data-current") old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    morph(old, fresh);
  }

  const isSame = (old, fresh) => old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && (old.id ?? "") === (fresh.id ?? "");

  const childrenById = (parent) => new Map([...parent.children].filter((child) => child.id).map((child) => [child.id, child]));

  // Makes the children of one the children of the other. What bears an id is known by it, all else
  // by its place. Nothing is moved that need not be: what is moved loses the focus.
  function morph(parent, fresh) {
    const byId = childrenById(parent);
    const wanted = childrenById(fresh);
    let at = parent.firstChild;
    const drop = () => {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    };
    for (const child of [...fresh.childNodes]) {
      const known = child.id ? byId.get(child.id) : null;
      while (at && (at.id ? !wanted.has(at.id) : at.nodeType === Node.TEXT_NODE && child.nodeType !== Node.TEXT_NODE)) drop();
      if (known && known !== at) parent.insertBefore(known, at);
      const old = known ?? at;
      if (old && isSame(old, child)) {
        at = old.nextSibling;
        if (old.nodeType === Node.ELEMENT_NODE) sync(old, child);
        else if (old.data !== child.data) old.data = child.data;
      } else {
        parent.insertBefore(child, at);
      }
    }
    while (at) drop();
  }

  // --- what comes ---

  function show({ html, view }) {
    if (view && !document.querySelector("[data-run]")) {
      location.reload(); // the run has come to be
      return;
    }
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    morph(main, fresh);
    filrouge.enhance();
    if (view) filrouge.waterfallOf(topic)?.update(view);
  }

  // --- whether anything comes ---

  const now = () => `${time(Date.now(), timezone)} ${timezone}`;

  function setState(state) {
    if (light.dataset.state === state) return;
    light.dataset.state = state;
    light.querySelector("[data-live-text]").textContent = state === "live" ? "Live" : "Connection lost";
    main.classList.toggle("is-old", state === "lost");
    tell(state === "live" ? "" : "The connection is lost, and is being tried again. What stands here is as it was then.");
  }

  function heard() {
    heardMs = Date.now();
    setState("live");
  }

  function tell(text) {
    trouble.hidden = !text;
    trouble.textContent = text && `${now()}: ${text}`;
  }

  function listen() {
    source?.close();
    source = new EventSource(`/v1/events?${new URLSearchParams({ run: topic, seen: newest })}`);
    source.addEventListener("alive", heard);
    source.addEventListener("trouble", (event) => {
      heard();
      tell(JSON.parse(event.data));
    });
    source.addEventListener("frame", (event) => {
      heard();
      newest = event.lastEventId;
      show(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      setState("lost");
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
    });
  }

  light.hidden = topic === null;
  if (topic === null) return;
  setInterval(() => {
    if (Date.now() - heardMs < LOST_MS) return;
    setState("lost");
    heardMs = Date.now();
    listen();
  }, AGAIN_MS);
  listen();
})();
