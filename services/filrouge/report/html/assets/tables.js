// Tables that sort by their heads, and the table of runs, which also filters and picks.
"use strict";

(() => {
  const { element, icon, duration, visible, count, clock, copyButton, STATES } = filrouge;
  const ROWS_AT_FIRST = 25;
  const MORE_ROWS = 200;

  const collator = new Intl.Collator("en", { numeric: true });

  // Smaller first; what has no value comes last in either direction.
  function compare(one, other, down) {
    if (one === "" || other === "") return (one === "") - (other === "");
    const difference = typeof one === "number" ? one - other : collator.compare(one, other);
    return down ? -difference : difference;
  }

  // Puts a button in every head. `onSort(column, down)` puts the rows in order.
  function sortHeads(heads, onSort) {
    heads.forEach((head, column) => {
      const press = element("button", { type: "button", class: "sort" }, ...head.childNodes);
      head.append(press);
      press.addEventListener("click", () => {
        const was = head.getAttribute("aria-sort");
        // Figures are asked for the largest, names from A.
        const down = was ? was === "ascending" : head.classList.contains("number");
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        onSort(column, down);
      });
    });
  }

  // A table that is in the page already, with values in data-value or as text.
  function sortable(table) {
    const body = table.tBodies[0];
    const value = (row, column) => {
      const { dataset, textContent } = row.cells[column];
      if (dataset.value === undefined) return textContent;
      return dataset.value === "" ? "" : Number(dataset.value);
    };
    const heads = [...table.tHead.rows[0].cells];
    const sort = (column, down) => {
      const rows = [...body.rows];
      rows.sort((one, other) => compare(value(one, column), value(other, column), down));
      body.append(...rows);
    };
    sortHeads(heads, sort);
    // In the order that was asked for, when rows have changed.
    return () => {
      const by = heads.findIndex((head) => head.hasAttribute("aria-sort"));
      if (by >= 0) sort(by, heads[by].getAttribute("aria-sort") === "descending");
    };
  }

  const RANK = { failure: 0, partial: 1, success: 2 };
  const COLUMNS = [
    ["Outcome", "", (row) => RANK[row.outcome]], ["Company", "", (row) => row.company], ["Run", "", (row) => row.run_id],
    ["Started", "", (row) => row.startMs], ["Took", "number", (row) => row.duration_s], ["Tasks", "number", (row) => row.tasks],
    ["Failed", "number", (row) => row.failed], ["Trace id", "", (row) => row.trace_id],
  ];

  function runCells(row, zone, isInFull) {
    const name = element("bdi", {}, visible(row.run_id), row.attempt > 1 && ` · attempt ${row.attempt}`);
    return [
      element("td", { class: `outcome outcome--${row.outcome}` }, icon(row.outcome), element("span", {}, STATES[row.outcome])),
      element("td", {}, element("bdi", {}, visible(row.company))),
      element("th", { scope: "row" }, isInFull ? element("a", { href: `#${row.trace_id}` }, name) : name),
      element("td", { class: "moment" }, clock(row.startMs, zone)),
      element("td", { class: "number" }, duration(row.duration_s)),
      element("td", { class: "number" }, row.tasks.toLocaleString("en")),
      element("td", { class: `number${row.failed ? " bad" : ""}` }, row.failed.toLocaleString("en")),
      element("td", { class: "trace" }, element("code", {}, row.trace_id), copyButton("trace id", row.trace_id)),
    ];
  }

  // Gives { setCurrent }. `inFull` holds the trace ids of the runs that can be picked.
  function runsTable(container, rows, zone, inFull) {
    const filter = { text: "", outcome: "" };
    let order = { value: COLUMNS[3][2], down: true };
    let shown = ROWS_AT_FIRST;
    let current = null;
    rows.forEach((row) => {
      row.startMs = Date.parse(row.started_at);
      row.text = `${row.company} ${row.run_id} ${row.trace_id} ${clock(row.startMs, zone)}`.toLowerCase();
    });
    const heads = COLUMNS.map(([title, kind]) => element("th", { scope: "col", class: kind }, title));
    const body = element("tbody");
    const found = element("output", { class: "found" });
    const more = element("button", { type: "button", class: "button", onclick: () => { shown += MORE_ROWS; paint(); } });
    const search = element("input", { type: "search", class: "search", placeholder: "Search runs", "aria-label": "Search company, run, time or trace id", oninput: () => narrow({ text: search.value.trim().toLowerCase() }) });
    const outcome = element("select", { class: "select", "aria-label": "Outcome", onchange: () => narrow({ outcome: outcome.value }) },
      element("option", { value: "" }, "Any outcome"),
      ["failure", "partial", "success"].map((each) => element("option", { value: each }, STATES[each])));

    function narrow(by) {
      Object.assign(filter, by);
      shown = ROWS_AT_FIRST;
      paint();
    }

    function paint() {
      const terms = filter.text.split(/\s+/).filter(Boolean);
      const matching = rows.filter((row) =>
        (!filter.outcome || row.outcome === filter.outcome) && terms.every((term) => row.text.includes(term)));
      matching.sort((one, other) => compare(order.value(one), order.value(other), order.down));
      body.replaceChildren(...matching.slice(0, shown).map((row) => element("tr", {
        class: inFull.has(row.trace_id) ? "in-full" : null, "aria-current": row.trace_id === current ? "true" : null,
      }, runCells(row, zone, inFull.has(row.trace_id)))));
      found.textContent = matching.length === rows.length ? count(rows.length, "run") : `${matching.length.toLocaleString("en")} of ${count(rows.length, "run")}`;
      more.hidden = matching.length <= shown;
      more.textContent = `Show ${Math.min(MORE_ROWS, matching.length - shown).toLocaleString("en")} more`;
    }

    const table = element("table", { class: "table table--runs" }, element("thead", {}, element("tr", {}, heads)), body);
    container.replaceChildren(
      element("div", { class: "toolbar" }, element("div", { class: "toolbar__group" }, search, outcome, found)),
      element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of runs" }, table), more);
    sortHeads(heads, (column, down) => {
      order = { value: COLUMNS[column][2], down };
      paint();
    });
    heads[3].setAttribute("aria-sort", "descending");
    paint();
    return {
      setCurrent(traceId) {
        current = traceId;
        paint();
      },
    };
  }

  Object.assign(filrouge, { sortable, runsTable });
})();
