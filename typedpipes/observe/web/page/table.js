// The same numbers as in the drawing, in tables: for those who cannot see it, and to be sorted.

import { exact, percent, progress, whole } from "./svg.js";

const SELDOM = 2000;        // milliseconds between two looks at tables that are not seen

const NODES = {
  node: (name) => name,
  state: (_, { mostly }) => mostly,
  "taken a second": (_, { rate: each }) => [each, exact(each)],
  in: (_, { received }) => [received, whole(received)],
  done: (_, { completed }) => [completed, whole(completed)],
  failed: (_, { failed }) => [failed, whole(failed)],
  dropped: (_, { dropped }) => [dropped, whole(dropped)],
  "in progress": (_, node) => [node.in_flight, progress(node)],
  busy: (_, { busy }) => [busy, percent(busy)],
  backpressured: (_, { backpressured }) => [backpressured, percent(backpressured)],
  idle: (_, { idle }) => [idle, percent(idle)],
  paused: (_, { paused }) => [paused, percent(paused)],
};

const EDGES = {
  edge: (name) => name,
  waiting: (_, { items }) => [items, whole(items)],
  limit: (_, { limit }) => [limit ?? Infinity, limit === undefined || limit === null ? "none" : whole(limit)],
  "a second": (_, { rate: each }) => [each, exact(each)],
};

class Sorted {
  constructor(table, columns) {
    this.columns = columns;
    this.body = table.tBodies[0];
    this.rows = new Map();
    this.by = null;
    this.falling = false;
    const row = table.tHead.insertRow();
    for (const name of Object.keys(columns)) {
      const cell = document.createElement("th");
      cell.scope = "col";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => this.sort(name, cell));
      cell.append(button);
      row.append(cell);
    }
  }

  sort(name, heading) {
    this.falling = this.by === name ? !this.falling : true;
    this.by = name;
    for (const cell of heading.parentElement.cells) cell.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", this.falling ? "descending" : "ascending");
    this.order();
  }

  order() {
    if (this.by === null) return;
    const place = Object.keys(this.columns).indexOf(this.by);
    const key = (row) => row.keys[place];
    const sign = this.falling ? -1 : 1;
    const rows = [...this.rows.values()];
    const sorted = rows.toSorted((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    if (sorted.some((row, at) => this.body.rows[at] !== row.element)) {
      this.body.append(...sorted.map((row) => row.element));
    }
  }

  show(things) {
    for (const name of this.rows.keys()) {
      if (name in things) continue;
      this.rows.get(name).element.remove();
      this.rows.delete(name);
    }
    for (const [name, thing] of Object.entries(things)) {
      const row = this.rows.get(name) ?? this.add(name);
      Object.values(this.columns).forEach((column, place) => {
        const value = column(name, thing);
        const [key, text] = Array.isArray(value) ? value : [value, value];
        row.keys[place] = key;
        const cell = row.element.cells[place];
        if (cell.textContent !== text) cell.textContent = text;
      });
    }
    this.order();
  }

  add(name) {
    const element = this.body.insertRow();
    Object.keys(this.columns).forEach((_, place) => {
      const cell = document.createElement(place ? "td" : "th");
      if (!place) cell.scope = "row";
      element.append(cell);
    });
    const row = { element, keys: [] };
    this.rows.set(name, row);
    return row;
  }
}

export class Tables {
  constructor(section) {
    const [nodes, edges] = section.querySelectorAll("table");
    this.nodes = new Sorted(nodes, NODES);
    this.edges = new Sorted(edges, EDGES);
    this.section = section;
    this.shown = -SELDOM;
  }

  // Those who listen to tables do not hear four changes a second.
  show(snapshot, now = performance.now()) {
    if (this.section.classList.contains("unseen") && now - this.shown < SELDOM) return;
    this.shown = now;
    this.nodes.show(snapshot.nodes);
    this.edges.show(snapshot.edges);
  }
}
