// Reads a JSON list of Mermaid texts and writes, for each, the error of the parser or null.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

const errors = [];
for (const text of JSON.parse(readFileSync(0, "utf-8"))) {
  errors.push(await mermaid.parse(text).then(() => null, (error) => String(error)));
}
console.log(JSON.stringify(errors));
