// Draws the ticks of the time axis, as time since the run's start or as clock time.
"use strict";

(() => {
  const { element, time } = filrouge;
  const PIXELS_PER_TICK = 95;
  const EDGE = 34; // pixels: nearer to an end a label is set inwards

  // Ticks of clock times stand on round minutes and hours of that clock.
  function originOf(run) {
    const [hours, minutes, seconds] = time(run.startMs, run.zone, 3).split(":").map(Number);
    return -(hours * 3600 + minutes * 60 + seconds);
  }

  function clockText(run, at, step) {
    const digits = step < 1 ? Math.min(Math.ceil(-Math.log10(step)), 3) : 0;
    const text = time(Math.round(run.startMs + at * 1000), run.zone, digits);
    return step >= 60 ? text.slice(0, 5) : text;
  }

  // Gives the pixels at which the ticks stand.
  function paintAxis(target, run, viewport, showsClock) {
    const most = Math.max(Math.floor(viewport.width / PIXELS_PER_TICK), 2);
    const { step, places } = filrouge.ticks(viewport.start, viewport.end, most, showsClock ? originOf(run) : 0);
    const marks = places.map((at) => {
      const x = viewport.x(at);
      const side = x < EDGE / 2 ? " tick--first" : x > viewport.width - EDGE ? " tick--last" : "";
      const text = showsClock ? clockText(run, at, step) : filrouge.tickText(at, step, viewport.end);
      const mark = element("span", { class: `tick${side}` }, text);
      mark.style.left = `${x}px`;
      return mark;
    });
    target.replaceChildren(...marks);
    return places.map((at) => viewport.x(at));
  }

  filrouge.paintAxis = paintAxis;
})();
