// A drawing of a graph in which its run is seen.
//
//     import { LiveDrawing } from "./live.js";
//
//     const drawing = new LiveDrawing(document.getElementById("drawing"), { chosen(name) { … } });
//     drawing.draw(svg);          // the text of `typedpipes.show.live.draw_live(blueprint)`
//     drawing.show(snapshot);     // as often as there is one
//
// A snapshot is what `typedpipes.observe.snapshot.Snapshots.take(gauges)` returns, as JSON. It may
// come over any stream; `stream.js` has one for server-sent events, and `merge` for what changed.
// The styles are in live.css; the colours are custom properties there, which a page may set.
//
// `chosen` is called with the name of a node when it is clicked, or when Enter is pressed on it, and
// with `null` when the ground is clicked. One node is in the tab order; the arrow keys go along edges
// and to neighbours. `far` (drawing.far = true) leaves out what cannot be read at a small size.

import { Box, describe } from "./box.js";
import { layers, Pipe } from "./pipe.js";
import { Sparks } from "./sparks.js";
import { make } from "./svg.js";

const MOST_MOVING = 150;    // pipes in sight with a current that moves
const AROUND = "200px";     // what is nearer than this to what is in sight is kept up to date
const QUIET = matchMedia("(prefers-reduced-motion: reduce)");

export class LiveDrawing {
  constructor(host, { chosen = () => {} } = {}) {
    this.host = host;
    this.chosen = chosen;
    this.text = "";
    this.snapshot = null;
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets.push(this.sheet);
    host.addEventListener("click", (event) => this.choose(event.target.closest("[data-node]")));
    host.addEventListener("keydown", (event) => this.press(event));
    host.addEventListener("focusin", (event) => this.focus(event.target));
    QUIET.addEventListener("change", () => {
      this.sparks?.stop();
      this.look();
    });
  }

  // Draws a graph, and returns whether it is another one than before.
  draw(text) {
    if (text === this.text) return false;
    this.text = text;
    this.snapshot = null;
    // A style element would need the nonce of the page, or the right to be inline; even to be parsed.
    const [before, style, after] = text.split(/<\/?style>/);
    this.sheet.replaceSync(style);
    const parsed = new DOMParser().parseFromString(before + after, "image/svg+xml");
    const svg = document.importNode(parsed.documentElement, true);
    const title = svg.querySelector("title");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", `the graph of ${title?.textContent}`);
    title?.remove();
    svg.classList.add("live");
    this.host.replaceChildren(svg);
    this.svg = svg;
    this.dress();
    return true;
  }

  get size() {
    const { width, height } = this.svg.viewBox.baseVal;
    return { width, height };
  }

  dress() {
    const { svg } = this;
    patterns(svg);
    this.boxes = new Map();
    this.pipes = new Map();
    this.passages = [];     // from a zip or a merge into its node
    const lines = [...svg.querySelectorAll(".edge")];
    const layer = this.layer = lines.length ? layers(lines[0]) : null;
    for (const line of lines) {
      const pipe = new Pipe(line, layer);
      const { edge, into } = line.dataset;
      if (edge === undefined) this.passages.push({ pipe, into });
      else this.pipes.set(another(edge, this.pipes), pipe);
    }
    for (const group of svg.querySelectorAll("[data-node]")) {
      this.boxes.set(group.dataset.node, new Box(group));
    }
    const [first] = this.boxes.values();
    first?.group.setAttribute("tabindex", "0");
    this.sparks = new Sparks(make("g", { "aria-hidden": "true" }, svg.querySelector("g")));
    this.watch();
  }

  // What is out of sight is not touched: a graph may have a thousand nodes.
  watch() {
    this.sight?.disconnect();
    this.parts = new Map();
    for (const box of this.boxes.values()) this.parts.set(box.group, box);
    for (const pipe of this.everyPipe()) this.parts.set(pipe.group, pipe);
    this.sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        this.parts.get(target).visible = isIntersecting;
      }
      this.look();
    }, { rootMargin: AROUND });
    for (const element of this.parts.keys()) this.sight.observe(element);
  }

  *everyPipe() {
    yield* this.pipes.values();
    for (const { pipe } of this.passages) yield pipe;
  }

  look() {
    if (!this.svg) return;
    let moving = 0;
    for (const pipe of this.everyPipe()) {
      pipe.moves = pipe.visible && !QUIET.matches && !this.isFar && ++moving <= MOST_MOVING;
      pipe.render();
    }
    for (const box of this.boxes.values()) if (box.visible) box.render();
  }

  set far(far) {
    if (this.isFar === far) return;
    this.isFar = far;
    this.svg?.classList.toggle("far", far);
    if (this.svg) this.look();
  }

  show(snapshot) {
    const again = this.run === snapshot.run;
    this.run = snapshot.run;
    for (const [name, box] of this.boxes) {
      const node = snapshot.nodes[name];
      if (!node) continue;
      if (again) this.spark(name, box, node.failed - box.failed);
      box.show(node);
    }
    for (const [name, edge] of Object.entries(snapshot.edges)) {
      if (!edge.start && !this.pipes.has(name)) this.addFeed(name, this.boxes.get(edge.end));
      const isDry = snapshot.nodes[edge.start]?.state === "ended" && !edge.items;
      this.pipes.get(name)?.show(edge, isDry);
    }
    for (const { pipe, into } of this.passages) {
      const node = snapshot.nodes[into];
      const isDry = node?.state === "ended";
      pipe.show({ items: 0, limit: 1, rate: isDry ? 0 : node?.rate ?? 0 }, isDry);
    }
    this.svg.classList.toggle("wedged", snapshot.wedged);
    this.svg.dataset.run = snapshot.state;
    this.snapshot = snapshot;
  }

  spark(name, box, count) {
    if (count <= 0 || QUIET.matches || this.isFar || !box.visible || document.hidden) return;
    const [, way] = [...this.pipes].find(([edge]) => edge.startsWith(`${name} -!> `)) ?? [];
    this.sparks.send(count, way?.line, box.place);
  }

  // What is put into a feed waits before it, where a drawing has no edge.
  addFeed(name, box) {
    if (!box) return;
    const { x, y, width } = box.place;
    const group = make("g", { class: "edge", "data-edge": name });
    const d = `M ${x + width / 2} ${y - 21} L ${x + width / 2} ${y - 1}`;
    make("path", { class: "arrow", d }, group);
    box.group.before(group);
    const pipe = new Pipe(group, this.layer);
    this.pipes.set(name, pipe);
    this.parts.set(group, pipe);
    this.sight.observe(group);
  }

  // Marks a node, such as one that a sentence names.
  mark(names) {
    for (const [name, box] of this.boxes) box.group.classList.toggle("named", names.includes(name));
  }

  choose(group) {
    const name = group?.dataset.node ?? null;
    for (const [each, box] of this.boxes) box.group.classList.toggle("chosen", each === name);
    if (name !== null) group.focus({ preventScroll: true });
    this.chosen(name);
    // The page may have made room for what it says about it.
    requestAnimationFrame(() => group?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  }

  focus(target) {
    const box = this.boxes?.get(target.dataset?.node);
    if (!box) return;
    for (const each of this.boxes.values()) each.group.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    if (box.node) target.setAttribute("aria-label", describe(box.name, box.node));
  }

  press(event) {
    const name = event.target.dataset?.node;
    if (name === undefined) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.choose(event.target);
      return;
    }
    const next = this.neighbour(name, event.key);
    if (!next) return;
    event.preventDefault();
    const { group } = this.boxes.get(next);
    group.focus();
    group.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  neighbour(name, key) {
    const names = [...this.boxes.keys()];
    const edges = Object.values(this.snapshot?.edges ?? {});
    switch (key) {
      case "ArrowDown": return edges.find((each) => each.start === name)?.end;
      case "ArrowUp": return edges.find((each) => each.end === name && each.start)?.start;
      case "ArrowRight": return names[names.indexOf(name) + 1];
      case "ArrowLeft": return names[names.indexOf(name) - 1];
      case "Home": return names[0];
      case "End": return names.at(-1);
      default: return undefined;
    }
  }
}

// A second edge between the same nodes has a number, as in snapshots.
function another(name, taken) {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name} (${number})`)) number += 1;
  return `${name} (${number})`;
}

// So that states are told apart without their colours.
function patterns(svg) {
  const defs = make("defs", {}, svg);
  const hatch = make("pattern", { id: "hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)" }, defs);
  make("rect", { class: "ink", width: 3, height: 8 }, hatch);
  const bars = make("pattern", { id: "bars", width: 12, height: 12, patternUnits: "userSpaceOnUse" }, defs);
  make("rect", { class: "ink", width: 4, height: 12 }, bars);
  const dots = make("pattern", { id: "dots", width: 9, height: 9, patternUnits: "userSpaceOnUse" }, defs);
  make("circle", { class: "ink", cx: 4.5, cy: 4.5, r: 1 }, dots);
}
