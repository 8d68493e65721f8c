// The time axis: which part of the run is in view, where a moment lies, where the ticks are.
"use strict";

(() => {
  const STEPS = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
  ];
  const INSET = 6; // so that a bar at either end is seen whole

  // Seconds from tick to tick, round to the eye, for at most `most` ticks.
  function tickStep(span, most) {
    const least = span / Math.max(most, 1);
    const known = STEPS.find((step) => step >= least);
    if (known && least > 0.5) return known;
    const unit = least > 0.5 ? 86400 : 1;
    const power = 10 ** Math.floor(Math.log10(least / unit));
    return [1, 2, 5, 10].find((times) => times * power * unit >= least * 0.999999) * power * unit;
  }

  // Ticks from `start` to `end`, on multiples of the step counted from `origin`.
  function ticks(start, end, most, origin = 0) {
    const step = tickStep(end - start, most);
    const first = Math.ceil((start - origin) / step - 1e-9);
    const last = Math.floor((end - origin) / step + 1e-9);
    const places = [];
    for (let index = first; index <= last; index += 1) places.push(origin + index * step);
    return { step, places };
  }

  function tickText(at, step, longest) {
    const decimals = step < 1 ? Math.ceil(-Math.log10(step) - 1e-9) : 0;
    const whole = step < 1 ? at : Math.round(at);
    if (Math.abs(whole) < step / 2) return "0";
    if (longest < 60) return step < 0.01 ? `${(at * 1000).toFixed(Math.max(decimals - 3, 0))} ms` : `${at.toFixed(decimals)} s`;
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    const pad = (number) => String(number).padStart(2, "0");
    if (step >= 60) {
      if (step >= 86400) return `${hours / 24} d`;
      if (hours >= 48) return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
      if (!hours) return `${minutes} min`;
      return minutes || step < 3600 ? `${hours} h ${pad(minutes)}` : `${hours} h`;
    }
    const seconds = (whole % 60).toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0");
    return hours ? `${hours}:${pad(minutes)}:${seconds}` : `${minutes}:${seconds}`;
  }

  // The part of a run of `total` seconds that is in view, on `width` pixels.
  class Viewport {
    constructor(total) {
      this.total = Math.max(total, 1e-3);
      this.width = 1;
      this.fit();
    }

    // The run grew: what shows all of it goes on to, what shows a part of it stays there.
    setTotal(total) {
      const { isWhole, start, end } = this;
      this.total = Math.max(total, 1e-3);
      if (isWhole) this.fit();
      else this.show(start, end);
    }

    get span() {
      return this.end - this.start;
    }

    get isWhole() {
      return this.span >= this.total * 0.999999;
    }

    fit() {
      this.show(0, this.total);
    }

    // Shows from start to end, within the run; never less than a hundred-thousandth of it.
    show(start, end) {
      const span = Math.min(Math.max(end - start, this.total * 1e-5), this.total);
      this.start = Math.min(Math.max((start + end - span) / 2, 0), this.total - span);
      this.end = this.start + span;
    }

    // Shows `factor` times as much, keeping the moment `at` where it is.
    zoom(factor, at = (this.start + this.end) / 2) {
      this.show(at - (at - this.start) * factor, at + (this.end - at) * factor);
    }

    pan(seconds) {
      const to = Math.min(Math.max(this.start + seconds, 0), this.total - this.span);
      this.end = to + this.span;
      this.start = to;
    }

    x(at) {
      return INSET + ((at - this.start) / this.span) * (this.width - 2 * INSET);
    }

    moment(x) {
      return this.start + ((x - INSET) / (this.width - 2 * INSET)) * this.span;
    }
  }

  Object.assign(filrouge, { tickStep, ticks, tickText, Viewport });
})();
