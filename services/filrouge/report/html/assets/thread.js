// The red thread: one line along the critical path, from bar to bar and from row to row; dashed
// where it waits.
"use strict";

(() => {
  const FROM_FLOOR = 5; // pixels above the lower edge of a row: just below its bar
  const SLACK = 8; // pixels by which it swings out between rows

  // Paths of the thread, { ran, waited }, as far as they touch the window of rows.
  // `rowOf` gives the row of a segment's task, -1 when it is filtered out.
  function threadPaths(segments, rowOf, viewport, { top, bottom, height }) {
    let ran = "";
    let waited = "";
    let pen = null;
    const x = (at) => Math.min(Math.max(viewport.x(at), -SLACK), viewport.width + SLACK);
    const isInWindow = (...ys) => Math.max(...ys) >= top && Math.min(...ys) <= bottom;
    for (const segment of segments) {
      const x0 = x(segment.offset_s);
      const x1 = x(segment.offset_s + segment.duration_s);
      const row = segment.span_id === null ? null : rowOf(segment);
      if (row === null) {
        if (pen && x1 > pen.x && isInWindow(pen.y)) waited += `M${pen.x} ${pen.y}H${x1}`;
        if (pen) pen.x = x1;
      } else if (row < 0) {
        pen = null;
      } else {
        const y = (row + 1) * height - FROM_FLOOR;
        const isInView = x0 > -SLACK && x0 < viewport.width + SLACK;
        if (pen && pen.y !== y && isInView && isInWindow(pen.y, y)) {
          ran += `M${pen.x} ${pen.y}C${pen.x + SLACK} ${pen.y} ${x0 - SLACK} ${y} ${x0} ${y}`;
        }
        if (isInWindow(y)) ran += `M${x0} ${y}H${Math.max(x1, x0 + 2)}`;
        pen = { x: x1, y };
      }
    }
    return { ran, waited };
  }

  filrouge.threadPaths = threadPaths;
})();
