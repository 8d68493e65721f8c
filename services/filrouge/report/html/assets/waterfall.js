// The waterfall of one run: `filrouge.waterfall(container, view, { zone, remarks })`, where `view` is
// a RunView, `zone` the time zone of the clock shown beside UTC, and `remarks` what remarks mean.
"use strict";

(() => {
  const { element, svg, eachFrame, duration, count } = filrouge;
  const MOST_PRINTED = 400; // rows: about ten pages
  const PRINT_WIDTH = 1000; // pixels: a landscape page
  const ZOOM_STEP = 1.6;

  class Waterfall {
    constructor(container, view, { zone, remarks }) {
      this.container = container;
      this.tree = new filrouge.Tree(view);
      this.viewport = new filrouge.Viewport(view.duration_s);
      this.run = { zone, remarks };
      this._know(view);
      this.showsThread = true;
      this.showsClock = false;
      this.isPrinting = false;
      this.active = this.tree.stages[0] ?? null; // the row that Tab leads to
      this.selected = null; // the node whose details are open
      this._build();
      this._offer();
      this._listen();
      this._refreshRows();
    }

    // Shows the run as it stands now. Rows that are open, the filter, the part in view, the details
    // and the focus stay as they are.
    update(view) {
      const { tree, rows, viewport } = this;
      const hadFocus = rows.elements.get(this.active)?.contains(document.activeElement);
      const again = (of) => (of ? tree.byId.get(of.id) ?? null : null);
      tree.update(view);
      this._know(view);
      viewport.setTotal(view.duration_s);
      rows.forget();
      this.active = again(this.active);
      this._showDetail(again(this.selected));
      this._offer();
      this._countMatches();
      this._refreshRows();
      if (hadFocus) rows.elements.get(this.active)?.focus({ preventScroll: true });
    }

    // Brings a task, source or stage on the screen, focused, with its details open.
    reveal(id) {
      const of = this.tree.byId.get(id);
      if (!of) return;
      if (this.tree.isFiltered && !of.matches) this._clearFilter();
      this.tree.uncover(of);
      if (of.offset > this.viewport.end || of.offset + of.duration < this.viewport.start) this.viewport.fit();
      this._showDetail(of);
      this._refreshRows();
      this._focus(of, true);
    }

    focusSearch() {
      this.toolbar.search.select();
    }

    // Lays all rows out for paper, and back for the screen.
    setPrinting(isPrinting) {
      this.isPrinting = isPrinting && this.rows.rows.length <= MOST_PRINTED;
      this.grid.style.width = this.isPrinting ? `${PRINT_WIDTH}px` : "";
      this._resize();
    }

    // --- the time axis ---

    zoom(how) {
      const { viewport, selected } = this;
      const middle = selected ? selected.offset + selected.duration / 2 : viewport.start;
      const isInView = middle > viewport.start && middle < viewport.end;
      if (how === "fit") viewport.fit();
      else viewport.zoom(how === "in" ? 1 / ZOOM_STEP : ZOOM_STEP, isInView ? middle : undefined);
      this.repaint();
    }

    // With a little room on both sides, so that it is seen in its place.
    zoomTo(from, seconds) {
      const room = Math.max(seconds * 0.15, this.viewport.total * 1e-5);
      this.viewport.show(from - room, from + seconds + room);
      this.repaint();
    }

    pan(part) {
      this.viewport.pan(part * this.viewport.span);
      this.repaint();
    }

    // --- rows ---

    toggle(of) {
      of.open = !of.open;
      this._refreshRows();
      this.activate(of);
    }

    // Opens the details of a node that is in a row.
    select(of) {
      this._showDetail(of);
      this._focus(of);
    }

    // Moves on to another row; open details follow.
    activate(of) {
      if (this.selected) this._showDetail(of);
      this._focus(of);
    }

    closeDetail() {
      this._showDetail(null);
      this._focus(this.active);
    }

    _know(view) {
      Object.assign(this.run, { view, startMs: Date.parse(view.started_at), slowest: this.tree.slowest });
    }

    _offer() {
      const { tree } = this;
      this.toolbar.offer(tree.slowest?.duration ?? 0, tree.tasks.some((task) => tree.isFault(task)));
    }

    _filter(filter) {
      this.tree.setFilter(filter);
      this._countMatches();
      this._refreshRows();
    }

    _countMatches() {
      const { tree } = this;
      this.toolbar.setCount(tree.isFiltered ? `${tree.matches.toLocaleString("en")} of ${count(tree.tasks.length, "task")}` : "");
    }

    _clearFilter() {
      this.toolbar.reset();
      this._filter({ text: "", failuresOnly: false, slowerThan: 0 });
    }

    _showDetail(of) {
      const before = this.selected?.id;
      this.selected = of;
      this.detail.hidden = !of;
      this.container.classList.toggle("has-detail", Boolean(of));
      if (!of) return;
      const actions = { close: () => this.closeDetail(), zoom: () => this.zoomTo(of.offset, of.duration) };
      filrouge.paintDetail(this.detail, of, this.run, actions);
      if (of.id !== before) this.detail.scrollTop = 0;
    }

    // Moves the focus to a row and the page to the row: to the middle, or as little as needed.
    _focus(of, toMiddle) {
      this.active = of;
      const top = this.body.getBoundingClientRect().top + this.rows.indexOf.get(of) * this.rows.height;
      const ceiling = this.head.offsetHeight + 4;
      const isSheet = !this.detail.hidden && getComputedStyle(this.detail).position === "fixed";
      const floor = window.innerHeight - (isSheet ? this.detail.offsetHeight : 0) - this.rows.height - 8;
      if (toMiddle) window.scrollBy(0, top - (ceiling + floor) / 2);
      else if (top < ceiling) window.scrollBy(0, top - ceiling);
      else if (top > floor) window.scrollBy(0, top - floor);
      this._refreshWindow();
      this.rows.elements.get(of).focus({ preventScroll: true });
    }

    // --- building ---

    _build() {
      const { tree, viewport } = this;
      this.toolbar = filrouge.toolbar({
        hasThread: this.run.view.critical_path.length > 0,
        onFilter: (filter) => this._filter(filter),
        onThread: (on) => this._set("showsThread", on),
        onClock: (on) => this._set("showsClock", on),
        onOpenAll: (open) => {
          tree.setAllOpen(open);
          this._refreshRows();
        },
        onZoom: (how) => this.zoom(how),
      });
      this.repaint = eachFrame(() => this._repaint());
      this.overview = filrouge.overview(tree, viewport, this.repaint);
      this.axis = element("div", { class: "axis", "aria-hidden": "true" });
      this.timeHead = element("div", { class: "head__time", role: "columnheader" }, this.overview.element, this.axis);
      this.head = element("div", { class: "head", role: "rowgroup" },
        element("div", { class: "head__row", role: "row", "aria-rowindex": 1 },
          element("div", { class: "head__name", role: "columnheader" }, "Stage, source, task"),
          element("div", { class: "head__took", role: "columnheader" }, "Took"), this.timeHead));
      this.lines = svg("svg", { class: "lines", "aria-hidden": "true" });
      this.body = element("div", { class: "body", role: "rowgroup" });
      this.grid = element("div", { class: "grid", role: "treegrid", "aria-label": "Stages, sources and tasks in time" },
        this.head, element("div", { class: "ground", role: "presentation" }, this.lines, this.body));
      this.nothing = element("p", { class: "nothing" }, "No task matches. ",
        element("button", { type: "button", class: "button", onclick: () => this._clearFilter() }, "Clear the filter"));
      this.detail = element("aside", { class: "detail", "aria-label": "Details", hidden: true });
      this.card = element("div", { class: "card", "aria-hidden": "true", hidden: true });
      this.rows = new filrouge.RowWindow(this.body, tree, (of, strip) => filrouge.paintRow(strip, of, viewport, tree));
      this.container.replaceChildren(this.toolbar.element,
        element("div", { class: "layout" }, element("div", { class: "layout__main" }, this.grid, this.nothing), this.detail),
        filrouge.legend(), this.card);
    }

    _listen() {
      const left = () => this.timeHead.getBoundingClientRect().left;
      filrouge.pointing(this, filrouge.gestures(this.body, this.viewport, left, this.repaint));
      filrouge.keyboard(this);
      const scrolled = eachFrame(() => this.container.offsetParent && this._refreshWindow());
      window.addEventListener("scroll", scrolled, { passive: true });
      new ResizeObserver(eachFrame(() => this._resize())).observe(this.container);
    }

    // --- painting ---

    _set(what, value) {
      this[what] = value;
      this._repaint();
    }

    _refreshRows() {
      this._resize();
      this.nothing.hidden = this.rows.rows.length > 0;
      this.grid.setAttribute("aria-rowcount", this.rows.rows.length + 1);
    }

    _resize() {
      this.rows.show(parseFloat(getComputedStyle(this.container).getPropertyValue("--row-height")));
      const { indexOf, rows } = this.rows;
      while (this.active && !indexOf.has(this.active)) this.active = this.active.parent;
      this.active ??= rows[0] ?? null;
      this.viewport.width = Math.max(this.timeHead.clientWidth, 40);
      this.axisLeft = this.timeHead.offsetLeft;
      this.overview.resize(this.viewport.width);
      this._refreshWindow();
      this._repaint();
    }

    _refreshWindow() {
      this.rows.refresh(this.active, this.selected, this.isPrinting);
      this._paintLines();
    }

    _repaint() {
      const { viewport } = this;
      this.ticks = filrouge.paintAxis(this.axis, this.run, viewport, this.showsClock);
      this.timeHead.setAttribute("aria-label", `Time from ${duration(viewport.start)} to ${duration(viewport.end)}`);
      this.overview.update();
      this.toolbar.setZoomed(!viewport.isWhole);
      this.rows.repaint();
      this._paintLines();
    }

    // Gridlines and thread lie behind the rows near the screen only: an element as high as thousands
    // of rows is slow to paint.
    _paintLines() {
      const { rows, viewport, tree } = this;
      const { top, bottom } = rows;
      const height = Math.max(bottom - top, 1);
      Object.assign(this.lines.style, { top: `${top}px`, left: `${this.axisLeft}px`, width: `${viewport.width}px`, height: `${height}px` });
      this.lines.setAttribute("viewBox", `0 ${top} ${viewport.width} ${height}`);
      const grid = (this.ticks ?? []).map((x) => `M${Math.round(x) + 0.5} ${top}v${height}`).join("");
      const rowOf = (segment) => tree.rowOf(tree.byId.get(segment.span_id), rows.indexOf);
      const thread = this.showsThread ? filrouge.threadPaths(this.run.view.critical_path, rowOf, viewport, rows) : {};
      this.lines.replaceChildren(
        svg("path", { class: "gridline", d: grid }),
        svg("path", { class: "thread thread--waiting", d: thread.waited }),
        svg("path", { class: "thread", d: thread.ran }),
      );
    }
  }

  filrouge.waterfall = (container, view, options) => new Waterfall(container, view, options);
})();
