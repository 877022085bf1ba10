// Elements of an SVG, made and changed. What is said already is not said again: the browser would
// lay it out again.

const SPACE = "http://www.w3.org/2000/svg";

export function make(name, attributes = {}, parent = null) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

export function set(element, name, value) {
  const text = String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Made once: each takes a hundred times as long to make as to use.
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const EXACT = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export const whole = (number) => WHOLE.format(number);
export const exact = (number) => EXACT.format(number);

// What is in progress in a node; only a processor has no more than it has workers.
export const progress = ({ in_flight: items, workers, kind }) =>
  (kind === "processor" ? `${whole(items)} of ${whole(workers)}` : whole(items));

// 7.3, 48, 1,234, 56.7k, 1.2M
export function short(number) {
  if (number >= 1e6) return `${+(number / 1e6).toPrecision(3)}M`;
  if (number >= 1e4) return `${+(number / 1e3).toPrecision(3)}k`;
  if (number >= 100 || Number.isInteger(number)) return whole(number);
  return number.toFixed(number < 1 ? 2 : 1);
}

export const percent = (share) => `${Math.round(100 * share)}%`;
