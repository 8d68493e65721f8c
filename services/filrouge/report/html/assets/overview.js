// The whole run in a strip: every lane a line of it, the part in view framed. Drag to choose a part.
"use strict";

(() => {
  const { element, svg, duration } = filrouge;
  const HEIGHT = 26;
  const KEYS = { ArrowLeft: -0.2, ArrowRight: 0.2, PageUp: -0.9, PageDown: 0.9, Home: -Infinity, End: Infinity };

  function lanePaths(tree, whole) {
    const step = Math.min((HEIGHT - 6) / tree.lanes.length, 8);
    const paths = { success: "", failure: "", unfinished: "" };
    tree.lanes.forEach((lane, index) => {
      const y = 3 + index * step;
      const height = Math.max(step - 1, 0.8);
      for (const task of lane.children) {
        const x = whole.x(task.offset);
        const width = Math.max(whole.x(task.offset + task.duration) - x, task.outcome === "success" ? 0.7 : 2.5);
        paths[task.outcome] += `M${x.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(1)}v${height.toFixed(1)}h${(-width).toFixed(1)}z`;
      }
    });
    return paths;
  }

  // Gives { element, resize, update }. `onChange` is called when the viewport was moved.
  function overview(tree, viewport, onChange) {
    const whole = new filrouge.Viewport(viewport.total);
    const picture = svg("svg", { class: "overview__lanes", "aria-hidden": "true", height: HEIGHT });
    const frame = element("div", { class: "overview__frame" });
    const strip = element("div", {
      class: "overview", role: "scrollbar", tabindex: 0, "aria-label": "Part of the run in view",
      "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100, title: "Drag to zoom",
    }, picture, frame);

    function resize(width) {
      whole.setTotal(viewport.total);
      whole.width = width;
      const paths = lanePaths(tree, whole);
      picture.replaceChildren(...Object.entries(paths).map(([kind, d]) => svg("path", { class: `bar bar--${kind}`, d })));
      update();
    }

    function update() {
      const left = whole.x(viewport.start);
      frame.style.left = `${left}px`;
      frame.style.width = `${Math.max(whole.x(viewport.end) - left, 3)}px`;
      frame.hidden = viewport.isWhole;
      const rest = viewport.total - viewport.span;
      strip.setAttribute("aria-valuenow", rest > 0 ? Math.round((viewport.start / rest) * 100) : 0);
      strip.setAttribute("aria-valuetext", viewport.isWhole ? "the whole run" : `from ${duration(viewport.start)} to ${duration(viewport.end)}`);
    }

    strip.addEventListener("keydown", (event) => {
      const part = KEYS[event.key];
      if (part === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      viewport.pan(Number.isFinite(part) ? part * viewport.span : part);
      onChange();
    });

    strip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      strip.setPointerCapture(event.pointerId);
      const left = strip.getBoundingClientRect().left;
      const from = whole.moment(event.clientX - left);
      const held = !viewport.isWhole && from >= viewport.start && from <= viewport.end ? viewport.start : null;
      const move = (moved) => {
        const to = whole.moment(moved.clientX - left);
        if (held !== null) viewport.pan(held + to - from - viewport.start);
        else if (Math.abs(whole.x(to) - whole.x(from)) > 3) viewport.show(Math.min(from, to), Math.max(from, to));
        onChange();
      };
      const done = () => {
        strip.removeEventListener("pointermove", move);
        strip.removeEventListener("pointerup", done);
        strip.removeEventListener("pointercancel", done);
      };
      strip.addEventListener("pointermove", move);
      strip.addEventListener("pointerup", done);
      strip.addEventListener("pointercancel", done);
    });

    return { element: strip, resize, update };
  }

  filrouge.overview = overview;
})();
