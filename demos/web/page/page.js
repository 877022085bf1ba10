// The page: an editor, the server's answers to what is in it, and the results of a run.
"use strict";

const SHOWN = 500;          // results that stay on the page
const QUIET = 250;          // milliseconds without a key until the definition is checked
const AGAIN = 1000;         // milliseconds until it connects again
const TALLEST = 380;        // pixels of a graph that is shown as a whole
const SMALLEST = 0.6;       // of its size: below that it is scrolled instead

const NARROW = matchMedia("(max-width: 899px)");   // as in page.css

const $ = (id) => document.getElementById(id);
const editor = $("definition");

const live = import("./live/live.js").then(({ LiveDrawing }) => new LiveDrawing($("live")));

let socket;
let taken = 0;              // messages that were read since the connection began
let running = false;
let cancelled = false;
let right = false;          // whether the definition in the editor is
let ran = "";               // the definition that runs, or ran last
let rooms = {};             // how many items may wait before each node of it
let goodbye = "";           // what the server said when it hung up
let timer;
let waiting = [];           // results that are not on the page yet

// What goes to the server

function say(event, data = {}) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ event, ...data }));
}

function check() {
  clearTimeout(timer);
  say("check", { definition: editor.value });
}

function run() {
  if (running || !right) return;
  ran = editor.value;
  say("run", { definition: editor.value });
}

function cancel() {
  if (!running) return;
  say("cancel");
  state(cancelled ? "Aborting …" : "Draining: what is inside flows out …");
  cancelled = true;
  $("cancel").textContent = "Abort";
}

// What comes from the server

const heard = {
  welcome({ offers, examples }) {
    goodbye = "";
    $("connection").textContent = "connected";
    $("connection").className = "good";
    $("offers").replaceChildren(...offers.flatMap(offer));
    texts.examples = examples;
    if (texts.current) check();
    else edit(texts.recall() ?? { example: 0 });
    showTexts();
  },

  checked({ svg }) {
    right = true;
    verdict("good", "The wiring is right.");
    if (!running || editor.value !== ran) draw(svg);
    buttons();
  },

  wrong({ mistakes }) {
    right = false;
    verdict("bad", mistakes.length === 1 ? "One mistake:" : `${mistakes.length} mistakes:`);
    $("mistakes").replaceChildren(
      ...mistakes.map(({ what, where, line }) => mistakeItem(what, where, line)));
    $("drawing").classList.add("old");
    mark(new Set(mistakes.map((each) => each.line)));
    buttons();
  },

  refused({ what }) {
    state(`The server says: ${what}`, "bad");
  },

  started({ run: number, svg, live, room }) {
    running = true;
    rooms = room;
    cancelled = false;
    waiting = [];
    draw(svg);
    drawLive(live);
    $("results").replaceChildren();
    $("progress").hidden = false;
    $("progress").tBodies[0].replaceChildren();
    $("failures").replaceChildren();
    state(`Run ${number} goes on …`);
    buttons();
    if (NARROW.matches) $("watch").scrollIntoView();
  },

  result(result) {
    waiting.push(result);
    if (waiting.length === 1) requestAnimationFrame(showResults);
  },

  progress({ report, snapshot }) {
    showProgress(report);
    showLive(snapshot);
  },

  ended({ run: number, by, what, report, snapshot, failed }) {
    running = false;
    showLive(snapshot);
    showResults();
    showProgress(report, new Set(failed.map((each) => each.node)));
    const kind = by === "failure" ? "bad" : by === "itself" ? "good" : "";
    const how = by === "failure" && failed.length ? "it failed" : what;
    state(`Run ${number}: ${how}, after ${report.duration.toFixed(2)} s.`, kind);
    // Lines are those of what ran, and lead nowhere if that was changed.
    const unchanged = editor.value === ran;
    $("failures").replaceChildren(
      ...failed.map(({ what, line }) => mistakeItem(what, "", unchanged ? line : null)));
    buttons();
  },

  goodbye({ what }) {
    goodbye = `${what}; `;
  },
};

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws`);
  taken = 0;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    heard[message.event](message);
    // The pipeline waits for this when it is too far ahead.
    taken += 1;
    say("taken", { messages: taken });
  };
  socket.onclose = () => {
    if (running) state("The connection was lost, and the run with it.", "bad");
    running = right = false;
    $("connection").textContent = `${goodbye}not connected, trying again …`;
    $("connection").className = "bad";
    buttons();
    setTimeout(connect, AGAIN);
  };
}

// What is shown

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function buttons() {
  $("run").disabled = running || !right;
  $("cancel").disabled = !running;
  $("cancel").textContent = running && cancelled ? "Abort" : "Cancel";
}

function state(text, kind = "") {
  $("state").textContent = text;
  $("state").className = kind;
}

function verdict(kind, text) {
  $("verdict").textContent = text;
  $("verdict").className = kind;
  $("mistakes").replaceChildren();
  mark(new Set());
}

function mistakeItem(what, where, line) {
  const item = element("li");
  if (line) {
    const button = element("button", `line ${line}`, "line");
    button.addEventListener("click", () => goTo(line));
    item.append(button, " ");
  }
  if (where) item.append(element("code", where), " ");
  item.append(what);
  return item;
}

// The run is seen in a drawing of its own, as on the page of a run, until another text is checked.
function drawLive(svg) {
  live.then((drawing) => {
    $("drawing").hidden = true;
    $("live").hidden = false;     // before it is drawn: boxes are measured
    drawing.draw(svg);
    const { width } = drawing.size;
    const scale = Math.max(Math.min(1, $("graph").clientWidth / width), SMALLEST);
    drawing.svg.style.width = `${scale * width}px`;
  });
}

function showLive(snapshot) {
  live.then((drawing) => drawing.show(snapshot));
}

function draw(svg) {
  const drawing = $("drawing");
  $("live").hidden = true;
  drawing.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  drawing.alt = `the graph of ${svg.match(/<title>(.*?)<\/title>/)?.[1] ?? "the definition"}`;
  drawing.hidden = false;
  drawing.classList.remove("old");
}

// As a whole if it can be read then, or else at a size at which it can be, to be scrolled.
function fit() {
  const drawing = $("drawing");
  const { naturalWidth: width, naturalHeight: height } = drawing;
  const scale = Math.min(1, $("graph").clientWidth / width, TALLEST / height);
  drawing.style.width = `${Math.max(scale, SMALLEST) * width}px`;
}

function offer({ name, signature, about }) {
  const term = element("dt");
  term.append(element("b", name), element("code", signature));
  return [term, element("dd", about)];
}

function showResults() {
  const list = $("results");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const { number, value, exact } of waiting.slice(-SHOWN)) {
    // Numbers beyond 2**53 are rounded when JSON is read, so their digits come as a text.
    const item = element("li", exact ?? String(value), typeof value === "number" ? "number" : "");
    item.value = number;
    list.append(item);
  }
  waiting = [];
  while (list.childElementCount > SHOWN) list.firstElementChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function showProgress({ processors }, failed = new Set()) {
  $("progress").tBodies[0].replaceChildren(...processors.map((node) => {
    const row = element("tr", "", failed.has(node.name) ? "bad" : "");
    const name = element("th", node.name);
    name.scope = "row";
    name.title = node.name;
    row.append(name);
    const lost = node.failed + node.dropped + node.interrupted;
    for (const figure of [node.received, node.emitted || node.completed]) {
      row.append(element("td", figure.toLocaleString("en")));
    }
    row.append(element("td", lost ? lost.toLocaleString("en") : ""), fill(node));
    return row;
  }));
}

// How full the edges are that lead to a node.
function fill({ name, unprocessed }) {
  const cell = element("td");
  const room = rooms[name];
  if (room) {
    const bar = element("meter");
    bar.max = room;
    bar.value = unprocessed;
    bar.setAttribute("aria-hidden", "true");
    cell.append(`${unprocessed.toLocaleString("en")} of ${room.toLocaleString("en")}`, bar);
  }
  return cell;
}

// The editor

// Examples, and what was typed: that is kept through another choice and through a refresh.
// An example that is changed becomes a text of its own.
const texts = {
  examples: [],
  drafts: [],               // { name, text }
  current: null,            // { example: number } or { draft: number }

  of({ example, draft }) {
    return draft === undefined ? this.examples[example].definition : this.drafts[draft].text;
  },

  typed(text) {
    if (this.current?.draft === undefined) {
      const of = this.current ? ` (${this.examples[this.current.example].name})` : "";
      this.drafts.push({ name: `yours ${this.drafts.length + 1}${of}`, text });
      this.current = { draft: this.drafts.length - 1 };
      showTexts();
    }
    this.drafts[this.current.draft].text = text;
    this.remember();
  },

  remember() {
    const { drafts, current } = this;
    try {
      sessionStorage.setItem("typedpipes", JSON.stringify({ drafts, current }));
    } catch { /* a browser that keeps nothing, or has no more room */ }
  },

  recall() {
    try {
      const { drafts, current } = JSON.parse(sessionStorage.getItem("typedpipes"));
      if (Array.isArray(drafts)) this.drafts = drafts;
      this.of(current);     // the examples may have changed
      return current;
    } catch {
      return null;          // as above, or nothing is there
    }
  },
};

function edit(choice) {
  texts.current = choice;
  texts.remember();
  editor.value = texts.of(choice);
  editor.scrollTop = 0;
  numbers();
  check();
}

function showTexts() {
  const options = (entries, kind) => entries.map(({ name }, place) => {
    const option = element("option", name);
    option.value = JSON.stringify({ [kind]: place });
    return option;
  });
  $("examples").replaceChildren(
    ...options(texts.drafts, "draft"), ...options(texts.examples, "example"));
  $("examples").value = JSON.stringify(texts.current);
}

function numbers() {
  const count = editor.value.split("\n").length;
  if ($("lines").childElementCount !== count) {
    $("lines").replaceChildren(
      ...Array.from({ length: count }, (_, place) => element("span", `${place + 1}`)));
  }
}

function mark(lines) {
  [...$("lines").children].forEach((each, place) => {
    each.className = lines.has(place + 1) ? "wrong" : "";
  });
}

function goTo(line) {
  const before = editor.value.split("\n").slice(0, line - 1).join("\n").length;
  const start = line === 1 ? 0 : before + 1;
  const end = editor.value.indexOf("\n", start);
  editor.focus();
  editor.setSelectionRange(start, end < 0 ? editor.value.length : end);
  const height = editor.scrollHeight / editor.value.split("\n").length;
  editor.scrollTop = Math.max(0, (line - 4) * height);
}

editor.addEventListener("input", () => {
  numbers();
  texts.typed(editor.value);
  right = false;            // until the server has seen it
  buttons();
  clearTimeout(timer);
  timer = setTimeout(check, QUIET);
});
editor.addEventListener("scroll", () => { $("lines").scrollTop = editor.scrollTop; });
$("examples").addEventListener("change", () => edit(JSON.parse($("examples").value)));
$("drawing").addEventListener("load", fit);
addEventListener("resize", fit);
$("run").addEventListener("click", run);
$("cancel").addEventListener("click", cancel);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  } else if (event.key === "Escape") {
    cancel();
  }
});

connect();
