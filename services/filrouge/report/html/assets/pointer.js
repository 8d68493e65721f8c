// What pointing at a waterfall does: a card for what is under the pointer, clicks that open it.
"use strict";

(() => {
  const STRIP_HEIGHT = 30;
  const REACH = 3; // pixels: how far from a bar a hand may be

  // The row's node under a pointer, and the bar in it if there is one.
  function under(event, { body, rows, axisLeft }) {
    const box = body.getBoundingClientRect();
    const down = event.clientY - box.top;
    const of = rows.rows[Math.floor(down / rows.height)];
    const x = event.clientX - box.left - axisLeft;
    const y = (down % rows.height) - (rows.height - STRIP_HEIGHT);
    const isOnAxis = x >= 0 && y >= 0;
    const bars = (isOnAxis && rows.bars.get(of)) || [];
    const within = (reach) => bars.filter((bar) => x >= bar.x0 - reach && x <= bar.x1 + reach);
    const hits = within(0).length ? within(0) : within(REACH);
    return { of, x, isOnAxis, bar: hits.find((bar) => y <= bar.bottom) ?? hits[0] ?? null };
  }

  // How long a lane has nothing to show at a moment: [name, seconds], or null outside of its tasks.
  function waitingAt(lane, at) {
    const ended = Math.max(...lane.children.map((task) => task.offset + task.duration).filter((end) => end <= at));
    const next = lane.children.find((task) => task.offset > at);
    return next && Number.isFinite(ended) ? [lane.name, next.offset - ended] : null;
  }

  function paintCard(card, { of, x, isOnAxis, bar }, { run, viewport }) {
    if (of.kind === "task" || of.kind === "unfinished") filrouge.paintTaskCard(card, of, run);
    else if (of.kind !== "source" || !isOnAxis) return false;
    else if (bar?.tasks.length > 1) filrouge.paintBarCard(card, bar.tasks);
    else if (bar) filrouge.paintTaskCard(card, bar.tasks[0], run);
    else {
      const waiting = waitingAt(of, viewport.moment(x));
      if (!waiting) return false;
      filrouge.paintWaitingCard(card, ...waiting);
    }
    return true;
  }

  function placeCard(card, event) {
    const { offsetWidth: width, offsetHeight: height } = card;
    const right = event.clientX + 16 + width > document.documentElement.clientWidth;
    const below = event.clientY + 20 + height > window.innerHeight;
    card.style.left = `${Math.max(right ? event.clientX - width - 12 : event.clientX + 16, 4)}px`;
    card.style.top = `${Math.max(below ? event.clientY - height - 12 : event.clientY + 20, 4)}px`;
  }

  function openBar(waterfall, bar) {
    if (bar.tasks.length === 1) {
      waterfall.reveal(bar.tasks[0].id);
      return;
    }
    const from = Math.min(...bar.tasks.map((task) => task.offset));
    const to = Math.max(...bar.tasks.map((task) => task.offset + task.duration));
    waterfall.zoomTo(from, to - from);
  }

  // `endedDrag` tells whether a click only ends a drag.
  function pointing(waterfall, endedDrag) {
    const { body, card } = waterfall;
    const hide = () => { card.hidden = true; };

    body.addEventListener("click", (event) => {
      const { of, isOnAxis, bar } = under(event, waterfall);
      if (!of || event.detail > 1 || endedDrag()) return;
      if (of.kind === "source" && isOnAxis && bar) openBar(waterfall, bar);
      else if (of.children.length && !isOnAxis) waterfall.toggle(of);
      else waterfall.select(of);
    });

    body.addEventListener("dblclick", (event) => {
      const { of, isOnAxis } = under(event, waterfall);
      if (of && isOnAxis) waterfall.zoomTo(of.offset, of.duration);
    });

    body.addEventListener("pointermove", (event) => {
      const found = under(event, waterfall);
      card.hidden = event.pointerType === "touch" || event.buttons > 0 || !found.of || !paintCard(card, found, waterfall);
      if (!card.hidden) placeCard(card, event);
    });
    body.addEventListener("pointerleave", hide);
    body.addEventListener("pointerdown", hide);
  }

  filrouge.pointing = pointing;
})();
