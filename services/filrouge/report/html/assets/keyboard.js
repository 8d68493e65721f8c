// Keys of the waterfall: those of a treegrid on its rows, and of the time axis anywhere in it.
"use strict";

(() => {
  const PAN_STEP = 0.2; // of what is in view
  const hasModifier = (event) => event.ctrlKey || event.altKey || event.metaKey;

  function walk(waterfall, key) {
    const { rows, active } = waterfall;
    const index = rows.indexOf.get(active);
    const page = Math.max(Math.floor(window.innerHeight / rows.height) - 4, 1);
    const last = rows.rows.length - 1;
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page, PageUp: index - page, Home: 0, End: last }[key];
    if (to === undefined) return false;
    waterfall.activate(rows.rows[Math.min(Math.max(to, 0), last)]);
    return true;
  }

  function rowKey(waterfall, key) {
    const of = waterfall.active;
    const isParent = of.children.length > 0;
    if (walk(waterfall, key)) return true;
    if (key === "Enter") waterfall.select(of);
    else if (key === " " && isParent) waterfall.toggle(of);
    else if (key === "ArrowRight" && isParent && !of.open) waterfall.toggle(of);
    else if (key === "ArrowRight" && isParent) walk(waterfall, "ArrowDown");
    else if (key === "ArrowLeft" && isParent && of.open) waterfall.toggle(of);
    else if (key === "ArrowLeft" && of.parent) waterfall.activate(of.parent);
    else return key.startsWith("Arrow");
    return true;
  }

  function axisKey(waterfall, event) {
    const sideways = event.shiftKey && { ArrowLeft: -PAN_STEP, ArrowRight: PAN_STEP }[event.key];
    if (event.key === "+" || event.key === "=") waterfall.zoom("in");
    else if (event.key === "-" || event.key === "−") waterfall.zoom("out");
    else if (event.key === "0") waterfall.zoom("fit");
    else if (event.key === "Escape" && waterfall.selected) waterfall.closeDetail();
    else if (sideways) waterfall.pan(sideways);
    else return false;
    return true;
  }

  function keyboard(waterfall) {
    waterfall.body.addEventListener("keydown", (event) => {
      if (hasModifier(event) || event.shiftKey || !waterfall.active) return;
      if (rowKey(waterfall, event.key)) event.preventDefault();
    });
    waterfall.container.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || hasModifier(event) || event.target.closest("input, select")) return;
      if (axisKey(waterfall, event)) event.preventDefault();
    });
  }

  filrouge.keyboard = keyboard;
})();
