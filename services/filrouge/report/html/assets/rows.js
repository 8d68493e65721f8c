// Rows of the treegrid. Only those near the screen exist as elements, so a run of ten thousand tasks
// costs no more than one of fifty; the page itself scrolls.
"use strict";

(() => {
  const { element, svg, icon, duration, visible, stateOf } = filrouge;
  const AROUND = 12; // rows kept ready above and below the screen

  function spoken(of, tree) {
    const parts = [stateOf(of.outcome, tree.isRunning), `begins ${duration(of.offset)} into the run`];
    if (of === tree.slowest) parts.push("slowest task");
    if (of.from.on_critical_path) parts.push("on the critical path");
    return parts.join(", ");
  }

  function makeRow(of, tree) {
    const isParent = of.children.length > 0;
    const counts = of.from.tasks_by_outcome;
    const siblings = of.parent ? of.parent.children : tree.stages;
    return element("div", {
      class: `row row--${of.kind} row--${of.outcome}${of === tree.slowest ? " row--slowest" : ""}`,
      role: "row", "aria-level": of.level, "aria-setsize": siblings.length, "aria-posinset": siblings.indexOf(of) + 1,
    },
    element("div", { class: "row__name", role: "gridcell" },
      isParent && element("span", { class: "twisty" }),
      of.outcome !== "success" && icon(of.outcome),
      element("bdi", { class: "row__text" }, visible(of.name)),
      isParent && element("span", { class: "row__count" }, counts.total.toLocaleString("en")),
      isParent && counts.failure > 0 && element("span", { class: "row__failed" }, `${counts.failure} failed`),
      isParent && counts.unfinished > 0 && element("span", { class: tree.isRunning ? "row__count" : "row__failed" },
        `${counts.unfinished} ${tree.isRunning ? "running" : "unfinished"}`)),
    element("div", { class: "row__took", role: "gridcell" }, of.outcome === "unfinished" && (of.kind === "unfinished" || !of.duration) ? "–" : duration(of.duration)),
    element("div", { class: "row__time", role: "gridcell" },
      svg("svg", { class: "strip", "aria-hidden": "true" }),
      element("span", { class: "visually-hidden" }, spoken(of, tree))));
  }

  class RowWindow {
    // `paint(node, strip)` draws a row's bars and returns them.
    constructor(body, tree, paint) {
      this.body = body;
      this.tree = tree;
      this.paint = paint;
      this.elements = new Map(); // node → its row
      this.bars = new Map(); // node → what is drawn in it
      this.show(30);
    }

    // Takes the rows anew from the tree.
    show(height) {
      this.height = height;
      this.rows = this.tree.rows();
      this.indexOf = new Map(this.rows.map((of, index) => [of, index]));
      this.body.style.height = `${this.rows.length * height}px`;
    }

    get top() {
      return this.first * this.height;
    }

    get bottom() {
      return this.last * this.height;
    }

    // Makes the rows near the screen exist (or all), and of others only the active one.
    refresh(active, selected, all) {
      const top = this.body.getBoundingClientRect().top;
      const limit = (index) => Math.min(Math.max(index, 0), this.rows.length);
      this.first = all ? 0 : limit(Math.floor(-top / this.height) - AROUND);
      this.last = all ? this.rows.length : limit(Math.ceil((window.innerHeight - top) / this.height) + AROUND);
      const wanted = new Set(this.rows.slice(this.first, this.last));
      if (active) wanted.add(active);
      for (const [of, row] of this.elements) {
        if (wanted.has(of)) continue;
        row.remove();
        this.elements.delete(of);
        this.bars.delete(of);
      }
      this._place([...wanted], active, selected);
    }

    // All rows anew, for their nodes are others.
    forget() {
      for (const row of this.elements.values()) row.remove();
      this.elements.clear();
      this.bars.clear();
    }

    repaint() {
      for (const [of, row] of this.elements) this._paint(of, row);
    }

    // In the order of the rows, so that a screen reader walks them as they are seen.
    _place(wanted, active, selected) {
      wanted.sort((one, other) => this.indexOf.get(one) - this.indexOf.get(other));
      let before = null;
      for (const of of wanted) {
        const row = this._row(of);
        const index = this.indexOf.get(of);
        row.style.top = `${index * this.height}px`;
        row.setAttribute("aria-rowindex", index + 2);
        row.setAttribute("aria-selected", String(of === selected));
        if (of.children.length) row.setAttribute("aria-expanded", String(of.open));
        row.tabIndex = of === active ? 0 : -1;
        if (before ? before.nextElementSibling !== row : this.body.firstElementChild !== row) {
          if (before) before.after(row);
          else this.body.prepend(row);
        }
        before = row;
      }
    }

    _row(of) {
      if (!this.elements.has(of)) {
        const row = makeRow(of, this.tree);
        this.elements.set(of, row);
        this._paint(of, row);
      }
      return this.elements.get(of);
    }

    _paint(of, row) {
      this.bars.set(of, this.paint(of, row.querySelector(".strip")));
    }
  }

  filrouge.RowWindow = RowWindow;
})();
