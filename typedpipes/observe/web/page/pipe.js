// An edge of the drawing as a pipe: the water in it is what waits, its width and its current are
// how much goes along it.

import { make, say, set, short } from "./svg.js";

const WHOLE = 1000;         // the length of a pipe, by which its water is measured
const BEADS = 18;           // from one bead of the current to the next
const FULL = 0.95;
const UNBOUNDED = 100;      // so many items fill a pipe that has no bound
const LAYERS = ["wall", "bore", "water", "current"];

// All walls are below all bores, so that pipes that part or cross are open to each other.
export function layers(before) {
  return Object.fromEntries(LAYERS.map((name) => {
    const layer = make("g", { class: `${name}s`, "aria-hidden": "true" });
    before.before(layer);
    return [name, layer];
  }));
}

export class Pipe {
  constructor(group, layer) {
    this.group = group;
    this.visible = false;   // until it is seen that it is
    this.moves = false;
    this.edge = null;
    this.line = group.querySelector(".arrow");
    this.length = this.line.getTotalLength();
    const kind = group.classList.contains("failures") ? " failures" : "";
    const d = this.line.getAttribute("d");
    for (const name of LAYERS) {
      this[name] = make("path", { class: `${name}${kind}`, d }, layer[name]);
    }
    this.water.setAttribute("pathLength", WHOLE);
    this.own = 1 - this.trunk() / this.length;
    const end = this.line.getPointAtLength(this.length);
    const place = group.querySelector(".place");        // in the tuples of a zip
    this.count = make("text", this.beside(end, place !== null), group);
    if (place) this.number(place, end);
  }

  // Where the number of items stands: on the side that the pipe does not come from, or on the way
  // where others come from the other side.
  beside(end, isNumbered) {
    const before = this.line.getPointAtLength(this.length - 34);
    const sideways = before.x - end.x;
    if (isNumbered && Math.abs(sideways) > 8) {
      return { class: "count middle", x: before.x, y: before.y - 11 };
    }
    const side = sideways > 1 ? -1 : 1;
    return { class: side > 0 ? "count" : "count left", x: end.x + 11 * side, y: end.y - 13 };
  }

  number(place, { x, y }) {
    this.group.classList.add("numbered");
    set(place, "x", x);
    set(place, "y", y + 1.5);
    place.before(make("circle", { class: "disc", cx: x, cy: y - 2.5, r: 8 }));
  }

  // How long it is one with others of its fork: the water there would be that of all of them.
  trunk() {
    const { own } = this.group.dataset;
    if (own === undefined) return 0;
    let [low, high] = [0, this.length];
    while (high - low > 1) {
      const middle = (low + high) / 2;
      if (this.line.getPointAtLength(middle).y < +own) low = middle; else high = middle;
    }
    return high;
  }

  // It is dry when nothing can come along it any more.
  show(edge, isDry = false) {
    this.edge = edge;
    this.isDry = isDry;
    // A reader wakes its writer when half is taken, so the level of a moment jumps.
    const level = Math.min(1, edge.items / (edge.limit ?? UNBOUNDED));
    this.level = level === 0 || this.level === undefined ? level : (this.level + level) / 2;
    if (this.visible) this.render();
  }

  render() {
    const { edge } = this;
    if (!edge) return;
    const width = Math.min(14, 5 + 2.2 * Math.log10(1 + edge.rate));
    set(this.wall, "stroke-width", (width + 2.6).toFixed(1));
    set(this.bore, "stroke-width", width.toFixed(1));
    set(this.water, "stroke-width", width.toFixed(1));
    set(this.current, "stroke-width", (width * 0.42).toFixed(1));
    for (const name of LAYERS) this[name].classList.toggle("dry", this.isDry);
    this.group.classList.toggle("dry", this.isDry);
    this.renderWater(edge);
    this.renderCurrent(this.isDry ? 0 : edge.rate);
  }

  renderWater({ items, limit }) {
    const share = this.level;
    const filled = WHOLE * this.own * share;
    set(this.water, "stroke-dasharray", `${filled.toFixed(1)} ${WHOLE}`);
    set(this.water, "stroke-dashoffset", (filled - WHOLE).toFixed(1));
    const full = share > FULL;
    this.water.classList.toggle("high", share > 0.5 && !full);
    this.water.classList.toggle("full", full);
    this.count.classList.toggle("full", full);
    this.group.classList.toggle("empty", share < 0.01);
    const of = limit === null || limit === undefined ? "" : `/${short(limit)}`;
    say(this.count, items ? `${short(items)}${of}` : "");
  }

  renderCurrent(rate) {
    this.current.classList.toggle("shown", rate > 0);
    if (rate && this.moves && !this.animation) {
      this.animation = this.current.animate(
        [{ strokeDashoffset: BEADS }, { strokeDashoffset: 0 }],
        { duration: 1000, iterations: Infinity });
    } else if ((!rate || !this.moves) && this.animation) {
      this.animation.cancel();
      this.animation = null;
    }
    const speed = Math.min(6, 0.5 + 1.3 * Math.log10(1 + rate));
    this.animation?.updatePlaybackRate(speed);
  }
}
