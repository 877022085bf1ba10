// The page: puts the drawing, the past, the tables and the panel together, and sends commands.

import { Failures } from "./failures.js";
import { History, intake } from "./history.js";
import { LiveDrawing } from "./live.js";
import { Panel } from "./panel.js";
import { listen } from "./stream.js";
import { percent, say, short, whole } from "./svg.js";
import { Tables } from "./table.js";
import { READABLE, Zoom } from "./zoom.js";

const $ = (id) => document.getElementById(id);
const FAR = 0.45;           // the size from which on the texts in boxes can be read
const STATES = {
  "not begun": ["", "not begun"], opening: ["warn", "opening resources"], running: ["good", "▶ running"],
  draining: ["warn", "▾ draining"], aborting: ["bad", "✕ aborting"], finished: ["good", "✓ finished"],
  drained: ["good", "✓ drained"], aborted: ["bad", "✕ aborted"], failed: ["bad", "✕ failed"],
};

const WEDGED = ["bad", "■ wedged"];
const PAUSED = ["warn", "❚❚ paused"];

const number = new URLSearchParams(location.search).get("of") ?? "0";
const drawing = new LiveDrawing($("drawing"), { chosen: choose });
const zoom = new Zoom($("graph"), drawing, { changed: (scale) => { drawing.far = scale < FAR; } });
const history = new History($("history"));
const tables = new Tables($("table"));
const panel = new Panel($("panel"), { closed: () => drawing.choose(null), pause });
const failures = new Failures();

let about = { control: false, nodes: {} };
let snapshot = null;
let run;                    // the one that the snapshot is of
let connected = false;

function choose(name) {
  if (name === null) panel.close();
  else panel.open(name, about);
  if (snapshot) panel.show(snapshot, failures);
}

// What comes from the server

const heard = {
  about(told) {
    about = told;
    connected = true;
    $("plumber").textContent = told.plumbers[number];
    document.title = `${told.plumbers[number]} - typedpipes`;
    $("plumbers").hidden = told.plumbers.length < 2;
    $("plumbers").replaceChildren(...told.plumbers.map(link));
    $("controls").hidden = !told.control;
    if (drawing.draw(told.drawing)) zoom.fit(READABLE);
  },

  snapshot(next) {
    if (run !== next.run) {
      history.clear();
      failures.forget();
    }
    run = next.run;
    snapshot = next;
    failures.see(next);
    drawing.show(next);
    history.add(next);
    tables.show(next);
    panel.show(next, failures);
    showFigures(next);
    showVerdict(next);
    showControls(next);
  },

  failures(texts) {
    failures.tell(texts);
    if (snapshot) panel.show(snapshot, failures);
  },

  closed() {
    connected = false;
    showWhere("closed: these are the last numbers");
    showControls(snapshot);
  },

  lost(forGood) {
    connected = false;
    showWhere(forGood ? "not connected" : "not connected, trying again …");
    if (snapshot) showControls(snapshot);
  },
};

// What is shown

function link(name, place) {
  const made = document.createElement("a");
  made.href = `?of=${place}`;
  made.textContent = name;
  if (String(place) === number) made.setAttribute("aria-current", "page");
  return made;
}

const isOver = ({ state }) => ["finished", "drained", "aborted", "failed"].includes(state);

function showWhere(text, kind = "") {
  say($("where"), text);
  $("where").className = kind;
}

function showFigures(next) {
  const held = next.wedged ? WEDGED : /^the run is paused/.test(next.verdict ?? "") ? PAUSED : null;
  const [kind, text] = held ?? STATES[next.state];
  const doom = next.dooms.at(-1);
  const why = doom?.reason && next.state !== "running" ? `: ${doom.reason}` : "";
  if (connected) showWhere(`${text}${why}`, kind);
  const failed = Object.values(next.nodes).reduce((sum, node) => sum + node.failed, 0);
  say($("duration"), `${next.duration.toFixed(1)} s`);
  say($("intake"), short(intake(next)));
  say($("inside"), whole(next.inside));
  say($("failed"), whole(failed));
  say($("loop"), percent(next.loop_busy));
}

function showVerdict(next) {
  const verdict = $("verdict");
  const [told, why] = sentence(next);
  // A live region is read out when it changes: the first part has no numbers that always do.
  say($("told"), told);
  say($("why"), why);
  verdict.classList.toggle("held", Boolean(next.verdict));
  verdict.classList.toggle("wedged", next.wedged || next.state === "failed");
  const about = next.wedged ? next.verdict : next.verdict?.split(": ")[0];
  drawing.mark(about && !isOver(next) ? [...about.matchAll(/'([^']*)'/g)].map(([, name]) => name) : []);
}

function sentence(next) {
  if (next.errors?.length) return ["It failed: ", next.errors.join("; ")];
  if (isOver(next)) return [`The run is over: ${next.state}.`, ""];
  if (["draining", "aborting"].includes(next.state)) {
    const left = `${whole(next.inside)} ${next.inside === 1 ? "item is" : "items are"} still inside`;
    return [next.state === "draining" ? "It drains: " : "It aborts: ", `${left}. ${next.verdict ?? ""}`];
  }
  if (!next.verdict) {
    return next.state === "not begun" ? ["It has not begun.", ""] : ["Nothing holds it up.", ""];
  }
  const [head, ...rest] = next.verdict.split(": ");
  return rest.length ? [`${head}: `, rest.join(": ")] : [head, ""];
}

function showControls(next) {
  const idle = !connected || !next || isOver(next) || next.state === "not begun";
  const ending = next && ["draining", "aborting"].includes(next.state);
  const nodes = next ? Object.values(next.nodes).filter((node) => node.state !== "ended") : [];
  $("pause").textContent = nodes.some((node) => node.state === "paused") ? "Resume" : "Pause";
  $("pause").disabled = idle || ending;
  $("drain").disabled = idle || ending;
  $("abort").disabled = idle || next.state === "aborting";
}

// What goes to the server

async function command(what, details = {}) {
  const answer = await fetch(what, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ of: Number(number), ...details }),
  }).catch(() => null);
  $("news").textContent = answer?.ok ? "" : `It was not done: ${answer ? await answer.text() : "no answer"}`;
}

function pause(name, isPaused) {
  return command(isPaused ? "resume" : "pause", { nodes: [name] });
}

$("pause").addEventListener("click", () => command($("pause").textContent.toLowerCase()));
$("drain").addEventListener("click", () => command("drain"));
$("abort").addEventListener("click", () => $("sure").showModal());
$("sure").addEventListener("close", () => {
  if ($("sure").returnValue === "yes") command("abort");
  $("sure").returnValue = "";
});

$("numbers").addEventListener("click", showTable);
function showTable() {
  const shown = $("table").classList.toggle("unseen");
  $("numbers").setAttribute("aria-expanded", String(!shown));
  if (snapshot) tables.show(snapshot);
}

document.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
  if (ctrlKey || metaKey || altKey || $("sure").open) return;
  if (key === "Escape" && panel.name !== null) drawing.choose(null);
  else if (key === "t") showTable();
  else if (key === "+") zoom.by(1.25);
  else if (key === "-") zoom.by(0.8);
  else if (key === "0") zoom.fit();
});
$("larger").addEventListener("click", () => zoom.by(1.25));
$("smaller").addEventListener("click", () => zoom.by(0.8));
$("fit").addEventListener("click", () => zoom.fit());

listen(`stream?of=${encodeURIComponent(number)}`, heard);
