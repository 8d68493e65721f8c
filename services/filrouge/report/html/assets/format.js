// Figures, instants and names in words, alike with words.py and html_text.py. Everything hangs on one global
// object: scripts of a page opened from a file cannot import one another.
"use strict";
globalThis.filrouge = globalThis.filrouge ?? {};

(() => {
  const UNSEEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  const UNITS = ["B", "kB", "MB", "GB", "TB"];
  const two = (number) => String(number).padStart(2, "0");

  function milliseconds(seconds) {
    if (seconds > 0 && seconds < 0.00005) return "< 0.1 ms";
    return `${(seconds * 1000).toFixed(seconds > 0 && seconds < 0.00995 ? 1 : 0)} ms`;
  }

  // Such as `250 ms`, `4.21 s`, `13 min 04 s`, `2 h 05 min` or `3 d 04 h`.
  function duration(seconds) {
    if (seconds < 0.9995) return milliseconds(seconds);
    if (seconds < 59.95) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`;
    const [whole, minutes, hours] = [1, 60, 3600].map((unit) => Math.floor(seconds / unit + 0.5));
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
    if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
    return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
  }

  // Such as `512 B`, `1.5 MB` or `−3.0 kB`; units of 1,000.
  function size(bytes) {
    let scaled = Math.abs(bytes);
    let unit = 0;
    for (; scaled >= 999.5 && unit < UNITS.length - 1; unit += 1) scaled /= 1000;
    return `${bytes < 0 ? "−" : ""}${scaled.toFixed(unit && scaled < 99.95 ? 1 : 0)} ${UNITS[unit]}`;
  }

  // Such as `98 %`; less than half a percent is `< 1 %`.
  function share(part, whole) {
    const percent = whole ? Math.round((100 * part) / whole) : 0;
    return percent || !part ? `${percent} %` : "< 1 %";
  }

  // What cannot be seen becomes an escape, so that no name can pose as another.
  function visible(text) {
    return String(text).replace(UNSEEN, (char) => {
      const code = char.codePointAt(0).toString(16);
      return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
    });
  }

  function count(number, word) {
    return `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  }

  const formats = new Map();

  function parts(epochMs, zone) {
    if (!formats.has(zone)) {
      formats.set(zone, new Intl.DateTimeFormat("en", {
        timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
        hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3,
      }));
    }
    const found = formats.get(zone).formatToParts(new Date(epochMs));
    return Object.fromEntries(found.map((part) => [part.type, part.value]));
  }

  const date = (epochMs, zone) => {
    const at = parts(epochMs, zone);
    return `${at.year}-${at.month}-${at.day}`;
  };

  // Such as `16:45:26`; with `digits` up to three decimals of the second.
  const time = (epochMs, zone, digits = 0) => {
    const at = parts(epochMs, zone);
    const fraction = digits ? `.${at.fractionalSecond.slice(0, digits)}` : "";
    return `${at.hour}:${at.minute}:${at.second}${fraction}`;
  };

  const clock = (epochMs, zone, digits) => `${date(epochMs, zone)} ${time(epochMs, zone, digits)}`;

  Object.assign(filrouge, { duration, size, share, visible, count, date, time, clock });
})();
