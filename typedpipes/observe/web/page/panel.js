// One node: what it does, its counts, its settings, its last failures.

import { takes } from "./box.js";
import { exact, percent, progress, say, whole } from "./svg.js";

const COUNTS = ["received", "completed", "emitted", "failed", "dropped", "interrupted"];
const STATES = ["busy", "backpressured", "paused", "idle"];

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

// Changes only what is different, so that what is marked with the mouse stays marked.
function fill(list, entries) {
  const terms = entries.map(([term]) => term).join("\n");
  if (list.dataset.terms !== terms) {
    list.dataset.terms = terms;
    list.replaceChildren(...entries.flatMap(([term]) => [element("dt", term), element("dd")]));
  }
  entries.forEach(([, value], place) => say(list.children[2 * place + 1], value));
  return list;
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
    this.sums = element("p", "", "empty");
    this.failures = element("ol");
    this.button = element("button", "Pause it");
    this.button.type = "button";
    this.button.hidden = !(about.control && this.about.pausable);
    this.button.addEventListener("click", () => this.pause(name, this.isPaused));
    this.aside.replaceChildren(head, this.does, this.button,
      element("h3", "Last failures"), this.sums, this.failures, element("h3", "Items"), this.counts,
      element("h3", "Waiting"), this.waits,
      element("h3", "Settings"), fill(element("dl"), Object.entries(this.about.settings)));
    this.aside.hidden = false;
    this.told = null;
  }

  close() {
    this.name = null;
    this.aside.hidden = true;
  }

  show(snapshot, failures) {
    const node = snapshot.nodes[this.name];
    if (this.name === null || !node) return;
    this.isPaused = node.state === "paused";
    say(this.button, this.isPaused ? "Let it go on" : "Pause it");
    this.button.disabled = node.state === "ended";
    fill(this.does, [
      ["does now", node.mostly],
      ...STATES.filter((each) => node[each] > 0).map((each) => [each, percent(node[each])]),
      [`${takes(node)} a second`, exact(node.rate)],
      ["in progress", progress(node)],
      ...(node.total ? [["of its items", percent(node.completed / node.total)]] : []),
    ]);
    fill(this.counts, COUNTS.map((each) => [each, whole(node[each])]));
    fill(this.waits, Object.entries(snapshot.edges)
      .filter(([, edge]) => edge.end === this.name || edge.start === this.name)
      .map(([name, { items, limit }]) => [name, limit ? `${whole(items)} of ${whole(limit)}` : whole(items)]));
    this.showFailures(node, failures, snapshot.duration);
  }

  showFailures({ raised }, failures, now) {
    const last = failures.of(this.name);
    const sums = Object.entries(raised).map(([kind, count]) => `${whole(count)} × ${kind}`).join(", ");
    say(this.sums, sums || "none");
    const key = JSON.stringify(last);
    if (this.told !== key) {
      this.told = key;
      this.failures.replaceChildren(...last.map(failure));
    }
    [...this.failures.querySelectorAll("time")].forEach((each, place) =>
      say(each, ago(now - last[place].at)));
  }
}

function failure({ error, message, item }) {
  const line = element("li");
  line.append(element("time"), element("b", error));
  if (message) line.append(` ${message}`);
  if (item) line.append(element("code", item));
  return line;
}
