// A run as a tree of nodes (stage, source, task) of which some are open, filtered and in rows.
"use strict";

(() => {
  const ROWS_AT_FIRST = 48; // lanes worth opening are opened while they fit

  function node(kind, parent, id, name, from, more) {
    return {
      kind, parent, id, name, open: false, children: [], level: parent ? parent.level + 1 : 1,
      offset: from.offset_s, duration: from.duration_s, outcome: from.outcome, from, ...more,
    };
  }

  function taskNode(lane, task) {
    return node("task", lane, task.span_id, task.object_name, task);
  }

  // A task that never ended lasts to the end of the run, for all that is known.
  function unfinishedNode(lane, task, index, runEnd) {
    const known = { ...task, outcome: "unfinished", duration_s: Math.max(runEnd - task.offset_s, 0) };
    return node("unfinished", lane, `${lane.id}-unfinished-${index}`, task.object_name, known);
  }

  function laneNode(stage, source, view) {
    const lane = node("source", stage, source.span_id, source.source, source);
    const open = view.unfinished.filter(
      (task) => task.zone === stage.name && task.source === source.source,
    );
    lane.children = [
      ...source.tasks.map((task) => taskNode(lane, task)),
      ...open.map((task, index) => unfinishedNode(lane, task, index, view.duration_s)),
    ].sort((one, other) => one.offset - other.offset);
    return lane;
  }

  class Tree {
    constructor(view) {
      this.filter = { text: "", failuresOnly: false, slowerThan: 0 };
      this._openBefore = new Map(); // node → whether it was open before the filter
      this._take(view);
      this._openAtFirst();
      this.matches = this.tasks.length;
    }

    // The run as it stands now. What was open stays open; of what is new, what a small run or a
    // failure opens.
    update(view) {
      const { byId, _openBefore: openBefore } = this;
      this._take(view);
      this._match();
      this._openBefore = new Map();
      const isSmall = this.tasks.length + this.lanes.length <= ROWS_AT_FIRST;
      for (const of of [...this.stages, ...this.lanes]) {
        const was = byId.get(of.id);
        const opens = of.kind === "stage" || isSmall || of.outcome === "failure" || of.outcome === "partial";
        const appears = this.isFiltered && of.matches && !was?.matches;
        of.open = appears || (was?.open ?? opens);
        this._openBefore.set(of, openBefore.get(was) ?? opens);
      }
    }

    _take(view) {
      this.view = view;
      this.stages = view.stages.map((stage) => {
        const of = node("stage", null, stage.span_id, stage.zone, stage, { open: true });
        of.children = stage.sources.map((source) => laneNode(of, source, view));
        return of;
      });
      this.lanes = this.stages.flatMap((stage) => stage.children);
      this.tasks = this.lanes.flatMap((lane) => lane.children);
      this.byId = new Map([...this.stages, ...this.lanes, ...this.tasks].map((of) => [of.id, of]));
      this.slowest = this._slowest();
    }

    // Whether more is to come, so that a task without an end is nothing to worry about.
    get isRunning() {
      return this.view.outcome === "open";
    }

    isFault(task) {
      return task.outcome === "failure" || (task.outcome === "unfinished" && !this.isRunning);
    }

    get isFiltered() {
      return Boolean(this.filter.text || this.filter.failuresOnly || this.filter.slowerThan);
    }

    // The visible rows, top to bottom.
    rows() {
      const rows = [];
      const visit = (of) => {
        if (this.isFiltered && !of.matches) return;
        rows.push(of);
        if (of.open) of.children.forEach(visit);
      };
      this.stages.forEach(visit);
      return rows;
    }

    // Narrows to matching tasks and opens what holds them; clearing it restores what was open.
    setFilter(filter) {
      const parents = [...this.stages, ...this.lanes];
      if (!this.isFiltered) this._openBefore = new Map(parents.map((of) => [of, of.open]));
      Object.assign(this.filter, filter);
      this._match();
      if (this.isFiltered) parents.forEach((of) => { of.open = of.matches; });
      else parents.forEach((of) => { of.open = this._openBefore.get(of); });
    }

    _match() {
      const terms = this.filter.text.toLowerCase().split(/\s+/).filter(Boolean);
      this.matches = 0;
      for (const task of this.tasks) {
        task.matches = this._matches(task, terms);
        if (task.matches) this.matches += 1;
      }
      for (const lane of this.lanes) lane.matches = lane.children.some((task) => task.matches);
      for (const stage of this.stages) stage.matches = stage.children.some((lane) => lane.matches);
    }

    setAllOpen(open) {
      for (const lane of this.lanes) lane.open = open;
      for (const stage of this.stages) stage.open = true;
    }

    // Opens all above the node.
    uncover(of) {
      for (let parent = of.parent; parent; parent = parent.parent) parent.open = true;
    }

    // The row a node is on, or the row of what it is folded into; -1 when it is filtered out.
    rowOf(of, rowIndex) {
      for (let at = of; at; at = at.parent) {
        if (this.isFiltered && !at.matches) return -1;
        if (rowIndex.has(at)) return rowIndex.get(at);
      }
      return -1;
    }

    _matches(task, terms) {
      if (this.filter.failuresOnly && !this.isFault(task)) return false;
      if (task.duration < this.filter.slowerThan) return false;
      if (!terms.length) return true;
      task.text ??= searchText(task);
      return terms.every((term) => task.text.includes(term));
    }

    _slowest() {
      const ended = this.tasks.filter((task) => task.kind === "task");
      return ended.length < 2
        ? null
        : ended.reduce((most, task) => (task.duration > most.duration ? task : most));
    }

    // Small runs are open; of others, the lanes with failures, then the one with the slowest task.
    _openAtFirst() {
      const everything = this.tasks.length + this.lanes.length <= ROWS_AT_FIRST;
      let rows = this.lanes.length + this.stages.length;
      const urgent = (lane) => (lane.outcome !== "success" ? 2 : 0) + (this.slowest?.parent === lane ? 1 : 0);
      for (const lane of [...this.lanes].sort((one, other) => urgent(other) - urgent(one))) {
        if (!everything && (!urgent(lane) || rows + lane.children.length > ROWS_AT_FIRST)) continue;
        lane.open = true;
        rows += lane.children.length;
      }
    }
  }

  function searchText(task) {
    const { from, parent } = task;
    return [
      parent.parent.name, parent.name, task.name, from.object_id, from.transformation, from.message,
      from.error_type, task.outcome, from.span_id, JSON.stringify(from.extra ?? ""),
    ].join("\n").toLowerCase();
  }

  filrouge.Tree = Tree;
})();
