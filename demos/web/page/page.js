// The page: an editor, the server's answers to what is in it, and the results of a run.
"use strict";

const SHOWN = 500;          // results that stay on the page
const QUIET = 250;          // milliseconds without a key until the definition is checked
const AGAIN = 1000;         // milliseconds until it connects again

const NARROW = matchMedia("(max-width: 899px)");   // as in page.css

const $ = (id) => document.getElementById(id);
const editor = $("definition");

let socket;
let taken = 0;              // messages that were read since the connection began
let running = false;
let cancelled = false;
let right = false;          // whether the definition in the editor is
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
    $("connection").textContent = "connected";
    $("connection").className = "good";
    $("offers").replaceChildren(...offers.flatMap(offer));
    $("examples").replaceChildren(...examples.map(({ name, definition }) => {
      const option = element("option", name);
      option.value = definition;
      return option;
    }));
    if (!editor.value) edit(examples[0].definition);
    else { matchExample(); check(); }
  },

  checked({ svg }) {
    right = true;
    verdict("good", "The wiring is right.");
    draw(svg);
    buttons();
  },

  wrong({ mistakes }) {
    right = false;
    verdict("bad", mistakes.length === 1 ? "One mistake:" : `${mistakes.length} mistakes:`);
    $("mistakes").replaceChildren(...mistakes.map(mistakeItem));
    $("drawing").classList.add("old");
    mark(new Set(mistakes.map((each) => each.line)));
    buttons();
  },

  refused({ what }) {
    state(`The server says: ${what}`, "bad");
  },

  started({ run: number, svg }) {
    running = true;
    cancelled = false;
    waiting = [];
    draw(svg);
    $("results").replaceChildren();
    $("progress").hidden = false;
    $("progress").tBodies[0].replaceChildren();
    state(`Run ${number} goes on …`);
    buttons();
    if (NARROW.matches) $("watch").scrollIntoView();
  },

  result(result) {
    waiting.push(result);
    if (waiting.length === 1) requestAnimationFrame(showResults);
  },

  progress({ report }) {
    showProgress(report);
  },

  ended({ run: number, by, what, report }) {
    running = false;
    showResults();
    showProgress(report);
    const kind = by === "failure" ? "bad" : by === "itself" ? "good" : "";
    state(`Run ${number}: ${what}, after ${report.duration.toFixed(2)} s.`, kind);
    buttons();
  },

  goodbye({ what }) {
    state(`The server hangs up: ${what}`, "bad");
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
    $("connection").textContent = "not connected, trying again …";
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

function mistakeItem({ what, where, line }) {
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

function draw(svg) {
  const drawing = $("drawing");
  drawing.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  drawing.alt = `the graph of ${svg.match(/<title>(.*?)<\/title>/)?.[1] ?? "the definition"}`;
  drawing.hidden = false;
  drawing.classList.remove("old");
}

function offer({ name, signature, about }) {
  const term = element("dt");
  term.append(element("b", name), element("code", signature));
  return [term, element("dd", about)];
}

function showResults() {
  const list = $("results");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const { number, value } of waiting.slice(-SHOWN)) {
    const item = element("li", String(value), typeof value === "number" ? "number" : "");
    item.value = number;
    list.append(item);
  }
  waiting = [];
  while (list.childElementCount > SHOWN) list.firstElementChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function showProgress({ processors }) {
  const most = Math.max(1, ...processors.map((node) => node.received));
  $("progress").tBodies[0].replaceChildren(...processors.map((node) => {
    const row = element("tr");
    const name = element("th", node.name);
    name.scope = "row";
    row.append(name);
    const lost = node.failed + node.dropped + node.interrupted;
    const figures = [node.received, node.emitted || node.completed, lost, node.unprocessed];
    figures.forEach((figure, place) => {
      const cell = element("td", figure || place < 2 ? figure.toLocaleString("en") : "");
      if (place === 0) {
        const bar = element("meter");
        bar.max = most;
        bar.value = node.received;
        bar.setAttribute("aria-hidden", "true");
        cell.append(bar);
      }
      row.append(cell);
    });
    return row;
  }));
}

// The editor

function edit(text) {
  editor.value = text;
  editor.scrollTop = 0;
  numbers();
  matchExample();
  check();
}

function matchExample() {
  $("examples").value = editor.value;   // none, if it is not an example
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
  matchExample();
  right = false;            // until the server has seen it
  buttons();
  clearTimeout(timer);
  timer = setTimeout(check, QUIET);
});
editor.addEventListener("scroll", () => { $("lines").scrollTop = editor.scrollTop; });
$("examples").addEventListener("change", () => edit($("examples").value));
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
