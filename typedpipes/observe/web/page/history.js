// The last 60 seconds: what came in, the load of the event loop, failures, pauses and dooms.

import { make, say, set, short } from "./svg.js";

const LASTS = 60_000;       // milliseconds
const TOP = 22;             // pixels above the curve, for words

// What comes into the graph a second, from its sources. What comes out at its ends may be batches at
// one and items at another, which have no sum.
export function intake({ nodes }) {
  return Object.values(nodes)
    .filter(({ kind }) => kind === "source")
    .reduce((sum, { rate }) => sum + rate, 0);
}

export class History {
  constructor(svg) {
    this.svg = svg;
    this.samples = [];
    this.bands = make("g", {}, svg);
    this.rate = make("path", { class: "rate" }, svg);
    this.loop = make("path", { class: "loop" }, svg);
    this.marks = make("g", {}, svg);
    this.most = make("text", { x: 10, y: 15 }, svg);
    this.words = make("text", { y: 15 }, svg);
    say(this.words, "event loop - -");
    this.ago = make("text", { x: 10 }, svg);
    say(this.ago, "60 s ago");
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  clear() {
    this.samples = [];
  }

  add(snapshot, now = performance.now()) {
    const nodes = Object.values(snapshot.nodes);
    const last = this.samples.at(-1);
    const failed = nodes.reduce((sum, node) => sum + node.failed, 0);
    this.samples.push({
      at: now,
      rate: intake(snapshot),
      loop: snapshot.loop_busy,
      paused: nodes.some((node) => node.state === "paused"),
      failed,
      failing: last ? failed > last.failed : false,
      dooms: snapshot.dooms.length,
      doom: snapshot.dooms.length > (last?.dooms ?? 0) ? snapshot.dooms.at(-1).mode : null,
    });
    while (this.samples[0].at < now - LASTS) this.samples.shift();
    this.draw();
  }

  draw() {
    const { samples } = this;
    const { clientWidth: width, clientHeight: height } = this.svg;
    if (!samples.length || !width) return;
    const end = samples.at(-1).at;
    const x = (at) => width * (1 - (end - at) / LASTS);
    const most = Math.max(...samples.map((each) => each.rate), 1e-9);
    const y = (share) => height - 3 - share * (height - TOP - 3);
    const line = (of) => samples.map((each) => `${x(each.at).toFixed(1)} ${y(of(each)).toFixed(1)}`).join(" L ");
    const floor = height + 2;
    set(this.rate, "d", `M ${x(samples[0].at).toFixed(1)} ${floor} L ${line((each) => each.rate / most)} ` +
      `L ${width + 2} ${y(samples.at(-1).rate / most).toFixed(1)} L ${width + 2} ${floor} Z`);
    set(this.loop, "d", `M ${line((each) => each.loop)}`);
    say(this.most, `${short(samples.at(-1).rate)} come in per second (at most ${short(most)})`);
    set(this.ago, "y", height - 7);
    set(this.ago, "visibility", x(samples[0].at) > 70 ? "visible" : "hidden");
    const isWide = width > 560;
    set(this.words, "x", width - 10);
    set(this.words, "text-anchor", "end");
    set(this.words, "visibility", isWide ? "visible" : "hidden");
    this.bands.replaceChildren(...pauses(samples, x).map(([from, to]) => {
      const band = make("g");
      make("rect", { class: "paused", x: from, y: 0, width: Math.max(2, to - from), height }, band);
      if (to - from > 46) say(make("text", { class: "mark", x: from + 4, y: height - 6 }, band), "paused");
      return band;
    }));
    this.marks.replaceChildren(...samples.flatMap((each) => marks(each, x(each.at), height)));
    this.svg.setAttribute("aria-label",
      `items from the sources a second, in the last 60 seconds: ${short(samples.at(-1).rate)} now, ${short(most)} at most`);
  }
}

function pauses(samples, x) {
  const found = [];
  let from = null;
  for (const each of samples) {
    if (each.paused) from ??= x(each.at);
    else if (from !== null) { found.push([from, x(each.at)]); from = null; }
  }
  if (from !== null) found.push([from, x(samples.at(-1).at)]);
  return found;
}

function marks({ doom, failing }, x, height) {
  const made = [];
  if (failing) made.push(make("circle", { class: "failed", cx: x, cy: height - 5, r: 2.5 }));
  if (doom) {
    made.push(make("line", { class: "doom", x1: x, x2: x, y1: 0, y2: height }));
    const word = make("text", { class: "bad", x: x - 4, y: height - 6, "text-anchor": "end" });
    say(word, doom);
    made.push(word);
  }
  return made;
}
