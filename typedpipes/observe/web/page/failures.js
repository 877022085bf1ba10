// What failed lately in each node: as the server tells it with texts, or else as it is counted.

const KEPT = 20;            // of a node

export class Failures {
  constructor() {
    this.forget();
  }

  // Begins anew, as with another run.
  forget() {
    this.texts = {};
    this.seen = new Map();
    this.before = {};
  }

  // Takes what the server tells: the last failures of each node.
  tell(texts) {
    Object.assign(this.texts, texts);
  }

  // Sees in a snapshot what failed since the one before, by the names of types.
  see({ nodes, duration }) {
    for (const [name, { raised }] of Object.entries(nodes)) {
      const before = this.before[name];
      if (before) {
        const list = this.seen.get(name) ?? [];
        for (const [error, count] of Object.entries(raised)) {
          const more = Math.min(KEPT, count - (before[error] ?? 0));
          for (let each = 0; each < more; each++) list.push({ at: duration, error });
        }
        this.seen.set(name, list.slice(-KEPT));
      }
      this.before[name] = { ...raised };
    }
  }

  // Returns those of a node, the last one first.
  of(name) {
    return (this.texts[name] ?? this.seen.get(name) ?? []).slice(-KEPT).reverse();
  }
}
