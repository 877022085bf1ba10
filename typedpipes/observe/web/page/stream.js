// Snapshots over server-sent events: a whole one at the beginning, then what changed.

// A JSON Merge Patch (RFC 7396): what is null in it is gone, the rest is there or changed.
export function merge(into, patch) {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete into[name];
    else if (typeof value !== "object" || Array.isArray(value)) into[name] = value;
    else into[name] = merge(isPlain(into[name]) ? into[name] : {}, value);
  }
  return into;
}

const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// Calls `heard.about(about)` when it is connected, `heard.snapshot(snapshot)` whenever there is
// another, `heard.failures(failures)` if their texts are sent, `heard.closed()` when the server has
// said that it closes, and `heard.lost()` when it is gone. A hidden page does not listen.
export function listen(url, heard) {
  let source = null;
  let snapshot = null;

  function open() {
    if (source || document.hidden) return;
    source = new EventSource(url);
    const on = (name, take) => source.addEventListener(name, ({ data }) => take(JSON.parse(data)));
    on("about", (about) => heard.about(about));
    on("snapshot", (whole) => heard.snapshot(snapshot = whole));
    on("change", (patch) => heard.snapshot(snapshot = merge(snapshot, patch)));
    on("failures", (failures) => heard.failures?.(failures));
    on("closed", () => { stop(); heard.closed(); });
    source.onerror = () => heard.lost(source.readyState === EventSource.CLOSED);
  }

  function close() {
    source?.close();
    source = null;
  }

  function stop() {
    close();
    document.removeEventListener("visibilitychange", turn);
  }

  const turn = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", turn);
  open();
  return stop;
}
