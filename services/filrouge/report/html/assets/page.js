// Wires the page: which run is shown, links to tasks, copying, theme, printing.
"use strict";

(() => {
  const { element, icon } = filrouge;
  const say = (text) => { document.querySelector("[data-status]").textContent = text; };

  // --- data ---

  const page = JSON.parse(document.getElementById("page-data").textContent);
  const rows = page.rows.map((row) => Object.fromEntries(row.map((value, column) => [page.columns[column], value])));
  const articles = new Map([...document.querySelectorAll("[data-run]")].map((article) => [article.dataset.run, article]));
  const waterfalls = new Map();

  // The waterfall of a run, made when it is first shown; undefined for a run without tasks.
  function waterfallOf(traceId) {
    const container = articles.get(traceId).querySelector("[data-waterfall]");
    if (container && !waterfalls.has(traceId)) {
      const data = document.querySelector(`[data-run-data="${traceId}"]`);
      waterfalls.set(traceId, filrouge.waterfall(container, JSON.parse(data.textContent), { zone: page.timezone, remarks: page.remarks }));
    }
    return waterfalls.get(traceId);
  }

  // --- the run that is shown ---

  const order = [...articles.keys()];
  let current = null;
  const runs = document.querySelector("[data-runs]");
  const table = runs && filrouge.runsTable(runs, rows, page.timezone, new Set(order));
  const paintPicker = buildPicker(document.querySelector("[data-picker]"));

  function show(traceId) {
    if (traceId === current) return;
    current = traceId;
    for (const [id, article] of articles) article.toggleAttribute("data-current", id === traceId);
    waterfallOf(traceId);
    table?.setCurrent(traceId);
    paintPicker();
  }

  function buildPicker(place) {
    if (!place) return () => {};
    const go = (by) => { location.hash = order[order.indexOf(current) + by]; };
    const arrow = (label, sign, by) => element("button", { type: "button", class: "button", "aria-label": label, title: label, onclick: () => go(by) }, sign);
    const before = arrow("Previous run", "‹", -1);
    const after = arrow("Next run", "›", 1);
    const where = element("span", { class: "picker__where" });
    place.append(before, where, after);
    return () => {
      const index = order.indexOf(current);
      where.textContent = `${index + 1} of ${order.length}`;
      before.disabled = index === 0;
      after.disabled = index === order.length - 1;
    };
  }

  // `#trace` shows a run, `#trace-span` reveals a task, source or stage of it.
  function follow() {
    const [traceId, ...rest] = decodeURIComponent(location.hash.slice(1)).split("-");
    if (!articles.has(traceId)) return;
    show(traceId);
    const target = rest.join("-");
    if (target) waterfallOf(traceId)?.reveal(target);
    else {
      articles.get(traceId).focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }

  // --- everything that is clicked ---

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      say("The browser does not let this page copy");
      return;
    }
    button.classList.add("is-copied");
    say("Copied");
    setTimeout(() => button.classList.remove("is-copied"), 1500);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    const link = event.target.closest('a[href^="#"]');
    // The same link twice changes no hash, and must work all the same.
    if (link && link.hash === location.hash) follow();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    waterfalls.get(current)?.focusSearch();
  });

  // --- theme: the system's, until another is asked for ---

  function buildTheme(button) {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
    const paint = () => {
      const label = isDark() ? "Light colours" : "Dark colours";
      button.textContent = isDark() ? "☼" : "☾";
      button.setAttribute("aria-label", label);
      button.title = label;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      document.documentElement.dataset.theme = isDark() ? "light" : "dark";
      paint();
    });
    system.addEventListener("change", paint);
    paint();
  }

  // --- paper ---

  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".errors details:not([open])")];
    opened.forEach((each) => { each.open = true; });
    waterfalls.get(current)?.setPrinting(true);
  });
  window.addEventListener("afterprint", () => {
    opened.forEach((each) => { each.open = false; });
    waterfalls.get(current)?.setPrinting(false);
  });

  // --- start ---

  const sorts = new Map(); // table → sorts it again

  // Sets up what stands in the page; what is set up already stays so.
  function enhance() {
    document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
    for (const table of document.querySelectorAll("[data-sortable]")) {
      if (sorts.has(table)) sorts.get(table)();
      else sorts.set(table, filrouge.sortable(table));
    }
  }

  enhance();
  buildTheme(document.querySelector("[data-theme-toggle]"));
  window.addEventListener("hashchange", follow);
  if (order.length) show(order[0]);
  follow();
  Object.assign(filrouge, { enhance, waterfallOf });
})();
