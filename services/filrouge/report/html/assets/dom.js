// Elements from data. Text only ever becomes text nodes, so nothing in it can be markup.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children.flat(2).filter((child) => child != null && child !== false));
    return node;
  }

  const element = (tag, attributes, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) =>
    fill(document.createElementNS(SVG, tag), attributes, children);

  const ICONS = {
    success: [["circle", { cx: 8, cy: 8, r: 7 }], ["path", { d: "M4.8 8.3l2.2 2.2 4.3-4.6" }]],
    failure: [
      ["path", { class: "body", d: "M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" }],
      ["path", { d: "M5.4 5.4l5.2 5.2m0-5.2l-5.2 5.2" }],
    ],
    partial: [
      ["path", { class: "body", d: "M8 1.2l7.2 13H.8z" }], ["path", { d: "M8 6v4m0 1.8v.2" }],
    ],
    unfinished: [
      ["circle", { cx: 8, cy: 8, r: 7, "stroke-dasharray": "3 2.5" }], ["path", { d: "M8 4.500V8l2.500 1.500" }],
    ],
    copy: [["path", { d: "M6 6h8v8H6zM10 3.500V2H2v8h1.500" }]],
    thread: [["path", { d: "M1 5h6c5 0 5 7 0 7s-2-4 2-4h6" }]],
  };

  const icon = (name) => svg(
    "svg", { class: `icon icon--${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" },
    ...ICONS[name].map(([tag, attributes]) => svg(tag, attributes)),
  );

  // One call a frame, however often it is asked for.
  function eachFrame(work) {
    let asked = false;
    return () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        work();
      });
    };
  }

  function copyButton(label, text) {
    return element(
      "button",
      { type: "button", class: "copy", "data-copy": text, "aria-label": `Copy the ${label}`, title: `Copy the ${label}` },
      icon("copy"),
    );
  }

  Object.assign(filrouge, { element, svg, icon, eachFrame, copyButton });
})();
