// A box of the drawing: what its node does, how many workers are at it, how many items failed.

import { make, percent, say, set, short } from "./svg.js";

const MOST_DOTS = 20;
const PITCH = 7;            // from one dot to the next
const INSET = 14;           // of what is in a box
const STATES = ["busy", "backpressured", "paused", "idle"];
const PATTERNS = { backpressured: "hatch", paused: "bars", ended: "dots" };

// What the rate of a node counts: the same for all, whatever they make of an item.
export const takes = ({ kind }) => (kind === "source" ? "made" : "taken");

export function describe(name, node) {
  const state = node.mostly;
  const share = node[state] === undefined ? "" : ` ${percent(node[state])} of the time`;
  const failed = node.failed ? `, ${node.failed} failed` : "";
  const at = node.in_flight ? `, ${node.in_flight} in progress` : "";
  return `${name}: ${state}${share}, ${short(node.rate)} ${takes(node)} a second, ` +
    `${node.completed} done${failed}${at}`;
}

export class Box {
  constructor(group) {
    this.group = group;
    this.name = group.dataset.node;
    this.visible = false;   // until it is seen that it is
    this.node = null;
    this.failed = 0;        // when it was shown last
    const shape = group.querySelector(".box");
    const { x, y, width, height } = shape.getBBox();
    this.place = { x, y, width, height };
    const [left, right, bottom] = [x + INSET, x + width - INSET, y + height];
    this.width = right - left;

    this.pattern = shape.cloneNode();
    this.pattern.setAttribute("class", "pattern");
    shape.after(this.pattern);
    this.rate = make("text", { class: "rate", x: left, y: bottom - 25 }, group);
    this.state = make("text", { class: "state", x: right, y: bottom - 25 }, group);
    this.dots = make("g", { class: "dots" }, group);
    this.bars = {};
    const bar = make("g", { class: "bar" }, group);
    make("rect", { class: "idle", x: left, y: bottom - 8, width: this.width, height: 4, rx: 2 }, bar);
    for (const state of STATES.slice(0, 3)) {
      this.bars[state] = make("rect", { class: state, x: left, y: bottom - 8, width: 0, height: 4 }, bar);
    }
    this.title = make("title", {}, group);
    this.badge = make("g", { class: "badge", transform: `translate(${x + width} ${y})` }, group);
    this.badge.rect = make("rect", { y: -9, height: 18, rx: 9 }, this.badge);
    this.badge.text = make("text", { y: 4 }, this.badge);
    this.dotsAt = { x: left + 2.5, y: bottom - 15 };
    group.setAttribute("tabindex", "-1");
    group.setAttribute("role", "button");
    group.setAttribute("aria-label", this.name);
  }

  show(node) {
    this.node = node;
    this.failed = node.failed;
    if (this.visible) this.render();
  }

  render() {
    const { node, group } = this;
    if (!node) return;
    const state = node.mostly;
    set(group, "data-state", state);
    set(this.pattern, "fill", state in PATTERNS ? `url(#${PATTERNS[state]})` : "none");
    group.style.setProperty("--heat", percent(node.busy));
    const share = state in this.bars || state === "idle" ? ` ${percent(node[state])}` : "";
    say(this.rate, state === "ended" ? `${short(node.completed)} done` : `${short(node.rate)}/s`);
    say(this.state, `${state}${share}`);
    say(this.title, describe(this.name, node));
    this.renderBar(node);
    this.renderDots(node);
    this.renderBadge(node.failed);
  }

  renderBar(node) {
    let from = this.place.x + INSET;
    for (const [state, rect] of Object.entries(this.bars)) {
      const width = Math.max(0, node[state]) * this.width;
      set(rect, "x", from.toFixed(1));
      set(rect, "width", width.toFixed(1));
      from += width;
    }
  }

  renderDots({ workers, busy, kind }) {
    const room = Math.min(MOST_DOTS, Math.floor(this.width / PITCH));
    const count = kind === "processor" ? Math.min(workers, room) : 0;
    if (this.dots.childElementCount !== count) {
      this.dots.replaceChildren(...Array.from({ length: count }, (_, place) =>
        make("circle", { cx: this.dotsAt.x + place * PITCH, cy: this.dotsAt.y, r: 2.5 })));
    }
    const atWork = Math.round(count * busy + 0.3);      // on average, as a moment flickers
    [...this.dots.children].forEach((dot, place) => dot.classList.toggle("at-work", place < atWork));
  }

  renderBadge(failed) {
    this.badge.classList.toggle("shown", failed > 0);
    if (!failed) return;
    const text = `✕ ${short(failed)}`;
    if (this.badge.text.textContent === text) return;
    const width = 12 + 6.6 * text.length;
    say(this.badge.text, text);
    set(this.badge.rect, "width", width);
    set(this.badge.rect, "x", -width + 8);
    set(this.badge.text, "x", 8 - width / 2);
  }
}
