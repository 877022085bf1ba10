// One node: what it does, its counts, its settings, its last failures.

import { mainState } from "./box.js";
import { exact, percent, whole } from "./svg.js";

const COUNTS = ["received", "completed", "emitted", "failed", "dropped", "interrupted"];
const STATES = ["busy", "backpressured", "paused", "idle"];

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function list(entries) {
  const made = element("dl");
  for (const [term, value] of entries) made.append(element("dt", term), element("dd", value));
  return made;
}

const ago = (seconds) => (seconds < 1 ? "now" : seconds < 90
  ? `${Math.round(seconds)} s ago` : `${Math.round(seconds / 60)} min ago`);

export class Panel {
  constructor(aside, { closed, pause }) {
    this.aside = aside;
    this.closed = closed;
    this.pause = pause;
    this.name = null;
  }

  open(name, about) {
    this.name = name;
    this.about = about.nodes[name] ?? { settings: {}, pausable: false };
    const head = element("header");
    const close = element("button", "Close");
    close.type = "button";
    close.addEventListener("click", () => this.closed());
    head.append(element("h2", name), close);
    this.does = element("dl");
    this.counts = element("dl");
    this.waits = element("dl");
    this.failures = element("ol");
    this.button = element("button", "Pause it");
    this.button.type = "button";
    this.button.hidden = !(about.control && this.about.pausable);
    this.button.addEventListener("click", () => this.pause(name, this.isPaused));
    this.aside.replaceChildren(head, this.does, this.button,
      element("h3", "Last failures"), this.failures, element("h3", "Items"), this.counts,
      element("h3", "Waiting"), this.waits,
      element("h3", "Settings"), list(Object.entries(this.about.settings)));
    this.aside.hidden = false;
    this.seen = "";
  }

  close() {
    this.name = null;
    this.aside.hidden = true;
  }

  show(snapshot, failures) {
    const node = snapshot.nodes[this.name];
    if (this.name === null || !node) return;
    const state = mainState(node);
    this.isPaused = node.state === "paused";
    this.button.textContent = this.isPaused ? "Let it go on" : "Pause it";
    this.button.disabled = node.state === "ended";
    this.does.replaceChildren(...list([
      ["does now", state],
      ...STATES.filter((each) => node[each] > 0).map((each) => [each, percent(node[each])]),
      ["a second", exact(node.rate)],
      ["in progress", `${whole(node.in_flight)} of ${whole(node.workers)}`],
      ...(node.total ? [["of its items", percent(node.completed / node.total)]] : []),
    ]).children);
    this.counts.replaceChildren(...list(COUNTS.map((each) => [each, whole(node[each])])).children);
    const edges = Object.entries(snapshot.edges)
      .filter(([, edge]) => edge.end === this.name || edge.start === this.name);
    this.waits.replaceChildren(...list(edges.map(([name, edge]) =>
      [name, edge.limit ? `${whole(edge.items)} of ${whole(edge.limit)}` : whole(edge.items)])).children);
    this.showFailures(node, failures, snapshot.duration);
  }

  showFailures({ raised }, { seen, texts }, now) {
    const told = texts[this.name];
    const lately = (seen.get(this.name) ?? []).map(({ at, error }) => ({ at, error }));
    const items = (told ?? lately).slice(-20).reverse().map(({ at, error, message, item }) => {
      const line = element("li");
      line.append(element("time", ago(now - at)), element("b", error));
      if (message) line.append(` ${message}`);
      if (item) line.append(element("code", item));
      return line;
    });
    const sums = Object.entries(raised).map(([kind, count]) => `${count} × ${kind}`).join(", ");
    const sum = element("li", sums, "empty");
    this.failures.replaceChildren(...(sums ? [sum] : []), ...items);
    if (!sums && !items.length) this.failures.append(element("p", "none", "empty"));
  }
}
