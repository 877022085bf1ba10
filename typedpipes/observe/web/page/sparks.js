// Failures that run off: along their edge where they have one, or else down from their box.

import { make } from "./svg.js";

const MOST = 30;            // at a time
const AT_ONCE = 3;          // of one node in one look
const APART = 90;           // milliseconds
const LASTS = 1100;         // milliseconds

export class Sparks {
  constructor(layer) {
    this.layer = layer;
    this.alive = [];
  }

  // way: a path element, or null; from: the place of a box.
  send(count, way, from) {
    for (let place = 0; place < Math.min(count, AT_ONCE); place++) {
      if (this.alive.length >= MOST) return;
      const dot = make("circle", { class: "spark", r: 5, opacity: 0 }, this.layer);
      this.alive.push({ dot, way, from, began: performance.now() + place * APART });
    }
    if (this.alive.length && !this.frame) this.frame = requestAnimationFrame((now) => this.move(now));
  }

  stop() {
    for (const { dot } of this.alive) dot.remove();
    this.alive = [];
  }

  move(now) {
    this.alive = this.alive.filter((spark) => {
      const share = (now - spark.began) / LASTS;
      if (share >= 1) spark.dot.remove();
      else if (share >= 0) place(spark, share);
      return share < 1;
    });
    this.frame = this.alive.length ? requestAnimationFrame((next) => this.move(next)) : null;
  }
}

function place({ dot, way, from }, share) {
  const at = way
    ? way.getPointAtLength(share * way.getTotalLength())
    : { x: from.x + from.width - 12 + 30 * share, y: from.y + from.height * 0.6 + 70 * share ** 2 };
  dot.setAttribute("cx", at.x);
  dot.setAttribute("cy", at.y);
  dot.setAttribute("opacity", way ? Math.min(1, 4 * (1 - share)) : 1 - share);
}
