// What the signs of a waterfall mean, and which keys it knows.
"use strict";

(() => {
  const { element, svg } = filrouge;
  const BAR = "M2 8h22v12H2z";
  const LINE = "M2 14h22";
  const SIGNS = [
    ["succeeded", ["bar bar--success", BAR]],
    ["failed", ["bar bar--failure", BAR], ["bar bar--hatch", BAR], ["bar bar--crosses", "M10.500 1.200l5 5m0-5l-5 5"]],
    ["not finished", ["bar bar--unfinished", BAR]],
    ["several, too close to tell apart", ["bar bar--pale", BAR]],
    ["slowest", ["bar bar--slowest", "M9 9h8l-4 5z"]],
    ["critical path", ["thread", LINE]],
    ["waiting on it", ["thread thread--waiting", LINE]],
  ];
  const KEYS = [
    ["↑ ↓ Home End", "walk the rows"], ["→ ←", "open, close"], ["Enter", "details"], ["Esc", "close details"],
    ["+ − 0", "zoom in, out, whole run"], ["Shift + ← →", "pan"], ["/", "search"],
    ["Ctrl + wheel, pinch, drag", "zoom"], ["double click", "zoom to a task"],
  ];

  // The stripes of failed bars: a shape for those who do not see the colour. Once in a page, as an
  // id is, and outside of what may be hidden, or its bars would lose them.
  function addHatching() {
    if (document.getElementById("hatching")) return;
    document.body.append(svg("svg", { class: "visually-hidden", "aria-hidden": "true" },
      svg("pattern", { id: "hatching", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        svg("path", { class: "stripe", d: "M0 0v5" }))));
  }

  function legend() {
    addHatching();
    const signs = SIGNS.map(([text, ...paths]) => element("span", { class: "legend__entry" },
      svg("svg", { viewBox: "0 0 26 22", "aria-hidden": "true" }, paths.map(([kind, d]) => svg("path", { class: kind, d }))), text));
    const keys = KEYS.map(([key, what]) => element("div", {}, element("dt", {}, key), element("dd", {}, what)));
    return element("div", { class: "below" }, element("div", { class: "legend" }, signs),
      element("details", { class: "keys" }, element("summary", {}, "Keys and gestures"), element("dl", {}, keys)));
  }

  filrouge.legend = legend;
})();
