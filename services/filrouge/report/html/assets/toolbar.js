// The controls above a waterfall. They hold no state of the run: they call what they are given.
"use strict";

(() => {
  const { element, icon, duration } = filrouge;
  const THRESHOLDS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600];

  function button(label, content, onclick, more) {
    return element("button", { type: "button", class: "button", "aria-label": label, title: label, onclick, ...more }, content);
  }

  // A button that stays pressed.
  function toggle(content, pressed, onchange, more) {
    const control = element("button", { type: "button", class: "button", "aria-pressed": String(pressed), ...more }, content);
    control.addEventListener("click", () => {
      const now = control.getAttribute("aria-pressed") !== "true";
      control.setAttribute("aria-pressed", String(now));
      onchange(now);
    });
    return control;
  }

  function thresholdSelect(onchange) {
    return element("select", { class: "select", "aria-label": "Duration", onchange: (event) => onchange(Number(event.target.value)) },
      element("option", { value: 0 }, "Any duration"));
  }

  // Only thresholds that some task exceeds are worth offering; a run that grows gets more of them.
  function offerThresholds(select, longest) {
    const useful = THRESHOLDS.filter((seconds) => seconds < longest).slice(select.options.length - 1);
    select.append(...useful.map((seconds) => element("option", { value: seconds }, `Slower than ${duration(seconds).replace(".00", "")}`)));
  }

  // Gives { element, search, offer, reset, setCount, setZoomed }.
  function toolbar({ hasThread, onFilter, onThread, onClock, onOpenAll, onZoom }) {
    const search = element("input", {
      type: "search", class: "search", placeholder: "Search tasks", "aria-label": "Search object, source or text",
      "aria-keyshortcuts": "/", spellcheck: "false", autocomplete: "off",
      oninput: () => onFilter({ text: search.value.trim() }),
    });
    const failures = toggle([icon("failure"), "Failures only"], false, (on) => onFilter({ failuresOnly: on }), { class: "button button--failures" });
    const slower = thresholdSelect((seconds) => onFilter({ slowerThan: seconds }));
    const found = element("output", { class: "found" });
    const whole = button("Show the whole run (0)", "Fit", () => onZoom("fit"));
    const bar = element("div", { class: "toolbar", role: "group", "aria-label": "Waterfall controls" },
      element("div", { class: "toolbar__group" },
        element("span", { class: "search-box" }, search, element("kbd", { "aria-hidden": "true" }, "/")), failures, slower, found),
      element("div", { class: "toolbar__group" },
        hasThread && toggle([icon("thread"), "Red thread"], true, onThread, { class: "button button--thread", title: "Mark the critical path" }),
        toggle("Clock", false, onClock, { title: "Clock times on the axis" }),
        element("span", { class: "joined" },
          button("Expand all", "Expand", () => onOpenAll(true)), button("Collapse all", "Collapse", () => onOpenAll(false))),
        element("span", { class: "joined" },
          button("Zoom out (−)", "−", () => onZoom("out")), whole, button("Zoom in (+)", "+", () => onZoom("in")))));
    return {
      element: bar,
      search,
      // What there is to choose from in the run as it stands.
      offer(longest, hasFailures) {
        failures.hidden = !hasFailures;
        offerThresholds(slower, longest);
      },
      reset() {
        search.value = "";
        failures.setAttribute("aria-pressed", "false");
        slower.value = "0";
      },
      setCount(text) {
        found.textContent = text;
      },
      setZoomed(isZoomed) {
        whole.disabled = !isZoomed;
      },
    };
  }

  filrouge.toolbar = toolbar;
})();
