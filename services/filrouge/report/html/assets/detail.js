// All that is known of one node, for the panel; and the gist of it, for the card under the pointer.
"use strict";

(() => {
  const { element, icon, copyButton, duration, size, share, visible, count, clock, time } = filrouge;
  const STATES = { success: "succeeded", partial: "failed in part", failure: "failed", unfinished: "never finished" };
  const stateOf = (outcome, isRunning) => (outcome === "unfinished" && isRunning ? "running" : STATES[outcome]);
  const KINDS = { stage: "Stage", source: "Source", task: "Task", unfinished: "Task" };
  const CARD_CHARACTERS = 220;

  const isSet = (value) => value !== null && value !== undefined && value !== "";
  

  // An instant on every clock that matters: the records', UTC, and the reader's own if it differs.
  function instant(epochMs, zone) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const zones = [zone, "UTC"];
    if (!zones.some((each) => clock(epochMs, each) === clock(epochMs, own))) zones.push(own);
    return zones.map((each, index) => element(
      "span", { class: "instant" },
      element("span", { class: "instant__clock" }, index ? time(epochMs, each, 3) : clock(epochMs, each, 3)),
      ` ${each}`,
    ));
  }

  function timeFacts(of, run) {
    const start = run.startMs + of.offset * 1000;
    const ended = of.kind === "unfinished" ? "unknown" : instant(start + of.duration * 1000, run.zone);
    const took = of.kind === "unfinished" ? "unknown" : `${duration(of.duration)}, ${share(of.duration, run.view.duration_s)} of the run`;
    return [["Took", took], ["Started", [...instant(start, run.zone), element("span", { class: "instant" }, `${duration(of.offset)} into the run`)]], ["Ended", ended]];
  }

  function taskFacts(of, run) {
    const { from } = of;
    const facts = [];
    if (isSet(from.message)) facts.push(["Message", element("span", { class: "verbatim" }, visible(from.message))]);
    if (isSet(from.error_type) && from.error_type !== "_OTHER") facts.push(["Error type", element("code", {}, visible(from.error_type))]);
    facts.push(...timeFacts(of, run));
    if (isSet(from.cpu_time_s)) facts.push(["CPU", `${duration(from.cpu_time_s)}${of.duration ? `, ${share(from.cpu_time_s, of.duration)} of the time` : ""}`]);
    if (isSet(from.memory_delta_bytes)) facts.push(["Memory", `${from.memory_delta_bytes > 0 ? "+" : ""}${size(from.memory_delta_bytes)}`]);
    if (isSet(from.transformation)) facts.push(["Transformation", visible(from.transformation)]);
    facts.push(["Object", [visible(of.name), element("span", { class: "instant" }, `id ${visible(from.object_id)}`)]]);
    facts.push(["Source", visible(of.parent.name)], ["Zone", visible(of.parent.parent.name)]);
    for (const remark of from.remarks ?? []) facts.push(["Remark", run.remarks?.[remark] ?? visible(remark)]);
    for (const [name, value] of Object.entries(from.extra ?? {})) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      facts.push([visible(name), element("span", { class: "verbatim" }, visible(text))]);
    }
    return facts;
  }

  function groupFacts(of, run) {
    const { from } = of;
    const tasks = from.tasks_by_outcome;
    const states = ["success", "failure", "unfinished"].filter((state) => tasks[state]);
    const facts = [["Tasks", `${tasks.total}: ${states.map((state) => `${tasks[state]} ${stateOf(state, run.view.outcome === "open")}`).join(", ")}`], ...timeFacts(of, run)];
    if (of.kind === "stage") return facts;
    const figures = [["p50", from.p50_s, duration], ["p95", from.p95_s, duration], ["Max", from.max_s, duration], ["CPU", from.cpu_time_s, duration], ["Memory peak", from.memory_peak_bytes, size]];
    for (const [label, value, text] of figures) if (isSet(value)) facts.push([label, text(value)]);
    return [...facts, ["Zone", visible(of.parent.name)]];
  }

  function id(label, value) {
    return [label, [element("code", {}, value), copyButton(label.toLowerCase(), value)]];
  }

  function facts(of, run) {
    const all = of.kind === "task" || of.kind === "unfinished" ? taskFacts(of, run) : groupFacts(of, run);
    if (of.kind !== "unfinished") all.push(id("Span id", of.id));
    all.push(id("Trace id", run.view.trace_id));
    return all;
  }

  function state(of, run) {
    return element(
      "p", { class: "state" },
      element("span", { class: `state__outcome state__outcome--${of.outcome}` }, icon(of.outcome), `${KINDS[of.kind]} ${stateOf(of.outcome, run.view.outcome === "open")}`),
      of.from.on_critical_path && element("span", { class: "state__thread" }, icon("thread"), "on the critical path"),
      run.slowest === of && element("span", { class: "state__slowest" }, "▼ slowest"),
    );
  }

  // Fills the panel. `run` is { view, startMs, zone, remarks, slowest }.
  function paintDetail(panel, of, run, actions) {
    panel.replaceChildren(
      element("div", { class: "detail__head" },
        element("h3", {}, element("bdi", {}, visible(of.name))),
        element("button", { type: "button", class: "button button--bare", "aria-label": "Close the details", title: "Close (Esc)", onclick: actions.close }, "✕")),
      state(of, run),
      element("dl", {}, facts(of, run).map(([label, value]) =>
        element("div", {}, element("dt", {}, label), element("dd", {}, value)))),
      element("button", { type: "button", class: "button", onclick: actions.zoom }, "Zoom to this"),
    );
  }

  const shorten = (text) => (text.length > CARD_CHARACTERS ? `${text.slice(0, CARD_CHARACTERS)}…` : text);

  function paintTaskCard(card, of, run) {
    const start = run.startMs + of.offset * 1000;
    const took = of.kind === "unfinished" ? "" : `${duration(of.duration)} · `;
    const { from } = of;
    const cost = [
      isSet(from.cpu_time_s) && `CPU ${duration(from.cpu_time_s)}`,
      isSet(from.memory_delta_bytes) && `memory ${size(from.memory_delta_bytes)}`,
    ].filter(Boolean).join(" · ");
    const lines = [
      element("strong", {}, visible(of.name)),
      state(of, run),
      element("p", {}, `${took}from ${time(start, run.zone)} (${time(start, "UTC")} UTC)`),
      cost && element("p", {}, cost),
      isSet(from.message) && of.outcome !== "success" && element("p", { class: "verbatim" }, visible(shorten(from.message))),
    ];
    card.replaceChildren(...lines.filter(Boolean));
  }

  function paintBarCard(card, tasks) {
    const failed = tasks.filter((task) => task.outcome !== "success").length;
    card.replaceChildren(
      element("strong", {}, count(tasks.length, "task")),
      element("p", {}, `${failed ? `${failed} failed · ` : ""}too close to tell apart here: click to zoom in`),
    );
  }

  // A lane's bare line: nothing ran between two moments.
  function paintWaitingCard(card, name, seconds) {
    card.replaceChildren(element("strong", {}, visible(name)), element("p", {}, `waiting ${duration(seconds)}`));
  }

  Object.assign(filrouge, { paintDetail, paintTaskCard, paintBarCard, paintWaitingCard, stateOf, STATES });
})();
