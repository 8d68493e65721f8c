// Bars of one row. A lane draws all its tasks: side by side where they ran side by side, and as one
// pale bar where they are too small to tell apart, so that no bar hides another.
"use strict";

(() => {
  const { svg } = filrouge;
  const SMALLEST = 4; // pixels: what can still be seen and hit
  const WIDEST_GROUP = 24; // pixels: a wider one would be no help to zoom by
  const MOST_TRACKS = 3; // more would be too thin; what does not fit joins the last
  const TOP = 8;
  const HEIGHT = 14;
  const LETTER = 6.3; // pixels of an average letter of a label
  const CROSS = 7; // pixels: crosses nearer to each other than this are one

  // Gives every task a track, so that tasks that overlap in time lie above one another.
  function tracksOf(tasks) {
    const ends = [];
    const tracks = tasks.map((task) => {
      let track = ends.findIndex((end) => end <= task.offset + 1e-9);
      if (track < 0) track = Math.min(ends.length, MOST_TRACKS - 1);
      ends[track] = Math.max(ends[track] ?? 0, task.offset + task.duration);
      return track;
    });
    return { tracks, count: Math.max(ends.length, 1) };
  }

  // Left and right of a node on the axis; never narrower than can be seen.
  function edges(of, viewport) {
    const right = viewport.width;
    const x0 = Math.min(Math.max(viewport.x(of.offset), -2), right - SMALLEST);
    const x1 = Math.min(viewport.x(of.offset + of.duration), right + 2);
    return { x0, x1: Math.max(x1, x0 + SMALLEST) };
  }

  function barOf(task, viewport, track, count) {
    const bar = { ...edges(task, viewport), track, tasks: [task] };
    bar.height = (HEIGHT - (count - 1)) / count;
    bar.top = TOP + track * (bar.height + 1);
    bar.bottom = bar.top + bar.height;
    bar.isSmall = bar.x1 - bar.x0 <= SMALLEST + 1;
    return bar;
  }

  const isInView = (of, viewport) =>
    of.offset <= viewport.end && of.offset + of.duration >= viewport.start;

  // Draws nothing over what is drawn already: joins it if both are small, else gives way.
  function joins(bar, before) {
    const overlap = before ? before.x1 + 1 - bar.x0 : 0;
    if (overlap <= 0) return false;
    const hides = overlap > SMALLEST + 2;
    const isRoom = before.x1 - before.x0 < WIDEST_GROUP;
    if (hides || (bar.isSmall && before.isSmall && isRoom)) {
      before.x1 = Math.max(before.x1, bar.x1);
      before.isSmall &&= bar.isSmall;
      before.tasks.push(...bar.tasks);
      return true;
    }
    bar.x0 = before.x1 + 1;
    bar.x1 = Math.max(bar.x1, bar.x0 + SMALLEST);
    return false;
  }

  // What to draw of a lane; a bar has several tasks where they cannot be told apart.
  function laneBars(lane, viewport) {
    lane.layout ??= tracksOf(lane.children);
    const { tracks, count } = lane.layout;
    const last = [];
    const bars = [];
    lane.children.forEach((task, index) => {
      if (!isInView(task, viewport)) return;
      const track = tracks[index];
      const bar = barOf(task, viewport, track, count);
      if (joins(bar, last[track])) return;
      last[track] = bar;
      bars.push(bar);
    });
    return bars;
  }

  function boxPath({ x0, x1, top, height }) {
    const r = Math.min(2.5, (x1 - x0) / 2, height / 2);
    const h = x1 - x0 - 2 * r;
    const v = height - 2 * r;
    const turn = (dx, dy) => `a${r} ${r} 0 01${dx} ${dy}`;
    return `M${x0 + r} ${top}h${h}${turn(r, r)}v${v}${turn(-r, r)}h${-h}${turn(-r, -r)}v${-v}${turn(r, -r)}z`;
  }

  function add(target, kind, path) {
    if (path) target.append(svg("path", { class: `bar bar--${kind}`, d: path }));
  }

  // Failed bars are striped and have a cross above.
  function addFailures(target, boxes, middles) {
    add(target, "failure", boxes);
    add(target, "hatch", boxes);
    let last = -Infinity;
    const apart = middles.sort((one, other) => one - other).filter((x) => x - last >= CROSS && (last = x, true));
    add(target, "crosses", apart.map((x) => `M${x - 2.5} 1.2l5 5m0-5l-5 5`).join(""));
  }

  // A failed task in a bar of several is marked in its place.
  function failureMarks(bar, shown, viewport) {
    if (shown.length === 1) return [bar];
    return shown.filter((task) => task.outcome === "failure").map((task) => {
      const x0 = Math.min(Math.max(viewport.x(task.offset), bar.x0), bar.x1 - SMALLEST);
      return { ...bar, x0, x1: x0 + SMALLEST };
    });
  }

  // Paths by kind, gathered first: a lane of thousands of tasks is still a handful of elements.
  function paintLane(target, lane, viewport, tree) {
    const bars = laneBars(lane, viewport);
    const paths = { dim: "", pale: "", success: "", unfinished: "" };
    const failures = [];
    for (const bar of bars) {
      const shown = tree.isFiltered ? bar.tasks.filter((task) => task.matches) : bar.tasks;
      const kind = shown.length === 0 ? "dim" : shown.length > 1 ? "pale" : shown[0].outcome;
      if (kind in paths) paths[kind] += boxPath(bar);
      if (shown.some((task) => task.outcome === "failure")) failures.push(...failureMarks(bar, shown, viewport));
    }
    const { x0, x1 } = edges(lane, viewport);
    add(target, "waiting", `M${x0} ${TOP + HEIGHT / 2}H${x1}`);
    for (const [kind, path] of Object.entries(paths)) add(target, kind, path);
    addFailures(target, failures.map(boxPath).join(""), failures.map((bar) => (bar.x0 + bar.x1) / 2));
    if (lane.layout.count === 1) bars.forEach((bar) => paintLabel(target, bar, viewport));
    return bars;
  }

  function paintLabel(target, bar, viewport) {
    if (bar.tasks.length > 1) return;
    const left = Math.max(bar.x0, 0);
    const room = Math.min(bar.x1, viewport.width) - left - 12;
    const name = filrouge.visible(bar.tasks[0].name);
    if (room < 24 || name.length * LETTER > room) return;
    target.append(svg("text", { class: `label label--${bar.tasks[0].outcome}`, x: left + 6, y: TOP + 11 }, name));
  }

  function paintTask(target, task, viewport) {
    const bar = barOf(task, viewport, 0, 1);
    if (task.outcome === "failure") addFailures(target, boxPath(bar), [(Math.max(bar.x0, 0) + Math.min(bar.x1, viewport.width)) / 2]);
    else add(target, task.outcome, boxPath(bar));
    return [bar];
  }

  // A stage is a bracket from its first task to its last.
  function paintStage(target, stage, viewport) {
    const { x0, x1 } = edges(stage, viewport);
    add(target, "stage", `M${x0} 20v-5q0-2 2-2H${x1 - 2}q2 0 2 2v5`);
    return [];
  }

  // An arrow that says on which side of the part in view a node lies.
  function paintAway(target, of, viewport) {
    const isBefore = of.offset < viewport.start;
    const [x, tip] = isBefore ? [9, -4] : [viewport.width - 9, 4];
    add(target, "away", `M${x} ${TOP + 3}l${tip} 4l${-tip} 4`);
    return [];
  }

  const PAINT = { stage: paintStage, source: paintLane, task: paintTask, unfinished: paintTask };

  // Draws a node into its row and returns its bars: [{ x0, x1, top, bottom, tasks }].
  function paintRow(target, of, viewport, tree) {
    target.replaceChildren();
    if (!isInView(of, viewport)) return paintAway(target, of, viewport);
    const bars = PAINT[of.kind](target, of, viewport, tree);
    const slowest = bars.find((bar) => bar.tasks.includes(tree.slowest));
    if (slowest) {
      const aside = tree.slowest.outcome === "failure" ? 1.5 * CROSS : 0;
      const x = (Math.max(slowest.x0, 0) + Math.min(slowest.x1, viewport.width)) / 2 + aside;
      add(target, "slowest", `M${x - 4} 1h8l-4 5z`);
    }
    return bars;
  }

  Object.assign(filrouge, { laneBars, paintRow });
})();
