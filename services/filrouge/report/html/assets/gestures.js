// Pointer and wheel on the time axis: Ctrl + wheel or pinch zooms, sideways wheel and a finger pan,
// dragging the mouse marks a part to zoom to. The page's own scrolling stays as it is.
"use strict";

(() => {
  const { element } = filrouge;
  const FAR_ENOUGH = 5; // pixels: less is a click with an unsteady hand
  const PER_WHEEL_PIXEL = 0.0025;
  const PER_WHEEL_LINE = 20;

  // `timeLeft` gives the left edge of the axis on the screen. Returns a function that tells whether
  // a click just ended a drag.
  function gestures(area, viewport, timeLeft, onChange) {
    const pointers = new Map();
    const band = element("div", { class: "band", hidden: true });
    let dragged = false;
    let from = null;
    area.append(band);
    const at = (event) => event.clientX - timeLeft();

    area.addEventListener("wheel", (event) => {
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? PER_WHEEL_LINE : 1;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        viewport.zoom(Math.exp(event.deltaY * lines * PER_WHEEL_PIXEL), viewport.moment(at(event)));
      } else {
        const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
        if (viewport.isWhole || Math.abs(sideways) <= (event.shiftKey ? 0 : Math.abs(event.deltaY))) return;
        event.preventDefault();
        viewport.pan((sideways * lines * viewport.span) / viewport.width);
      }
      onChange();
    }, { passive: false });

    area.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || at(event) < 0) return;
      pointers.set(event.pointerId, event);
      if (pointers.size === 1) {
        dragged = false;
        from = { x: at(event), start: viewport.start };
      }
    });

    area.addEventListener("pointermove", (event) => {
      if (!pointers.has(event.pointerId)) return;
      const before = pointers.get(event.pointerId);
      if (pointers.size === 2) pinch(event, before);
      else if (event.pointerType === "touch") drag(event);
      else mark(event);
      pointers.set(event.pointerId, event);
    });

    function pinch(event, before) {
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, held]) => held);
      const was = Math.max(Math.abs(before.clientX - other.clientX), 20);
      const is = Math.max(Math.abs(event.clientX - other.clientX), 20);
      dragged = true;
      viewport.zoom(was / is, viewport.moment(at(other))); // the other finger holds its moment
      onChange();
    }

    function drag(event) {
      if (viewport.isWhole || (!dragged && Math.abs(at(event) - from.x) < FAR_ENOUGH)) return;
      dragged = true;
      viewport.pan(from.start - ((at(event) - from.x) / viewport.width) * viewport.span - viewport.start);
      onChange();
    }

    function mark(event) {
      const x = Math.min(Math.max(at(event), 0), viewport.width);
      if (!dragged && Math.abs(x - from.x) < FAR_ENOUGH) return;
      if (!dragged) area.setPointerCapture(event.pointerId);
      dragged = true;
      band.hidden = false;
      band.style.left = `${Math.min(from.x, x) + timeLeft() - area.getBoundingClientRect().left}px`;
      band.style.width = `${Math.abs(x - from.x)}px`;
      from.to = x;
    }

    function release(event) {
      if (!pointers.delete(event.pointerId) || band.hidden) return;
      band.hidden = true;
      if (event.type === "pointercancel") return;
      const moments = [viewport.moment(from.x), viewport.moment(from.to)];
      viewport.show(Math.min(...moments), Math.max(...moments));
      onChange();
    }

    area.addEventListener("pointerup", release);
    area.addEventListener("pointercancel", release);
    return () => dragged;
  }

  filrouge.gestures = gestures;
})();
