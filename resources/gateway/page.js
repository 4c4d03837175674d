"use strict";
// Reads the gateway's own OpenAPI document and lists it. Text is only ever set as text.
const make = (tag, text, cls) => {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  if (cls) node.className = cls;
  return node;
};
const named = (ref) => ref.split("/").pop();
const resolve = (api, schema) => (schema && schema.$ref ? api.components.schemas[named(schema.$ref)] : schema);
function kind(schema) {
  if (!schema) return "";
  if (schema.$ref) return named(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(kind).join(" or ");
  if (schema.enum) return schema.enum.join(", ");
  if (schema.const !== undefined) return String(schema.const);
  return schema.type === "array" ? "list of " + kind(schema.items) : schema.format || schema.type || "";
}
function table(rows) {
  const made = make("table");
  for (const row of rows) {
    const line = make("tr");
    row.forEach((text, n) => line.append(n ? make("td", text) : make("th", text)));
    made.append(line);
  }
  return made;
}
function fields(api, schema) {
  const found = resolve(api, schema);
  if (!found || !found.properties) return make("p", kind(schema), "muted");
  const needed = new Set(found.required || []);
  return table(Object.entries(found.properties).map(([name, part]) => [
    name, kind(part), needed.has(name) ? "needed" : "", part.description || "",
  ]));
}
function operation(api, path, method, told) {
  const box = make("details");
  const head = make("summary");
  head.append(make("strong", method.toUpperCase()), make("code", " " + path + " "), make("span", told.summary || "", "muted"));
  box.append(head, make("p", told.description || ""));
  if (told.parameters) {
    box.append(make("h4", "Parameters"), table(told.parameters.map((p) => [
      p.name, p.in, kind(p.schema), p.required ? "needed" : "", p.description || p.schema.description || "",
    ])));
  }
  const body = told.requestBody && told.requestBody.content["application/json"].schema;
  if (body) {
    box.append(make("h4", "Body: " + kind(body)), fields(api, body));
    const whole = resolve(api, body);
    const rows = whole.properties && whole.properties.rows;
    if (rows) box.append(make("h4", "Each row: " + kind(rows.items)), fields(api, rows.items));
    if (whole.examples) box.append(make("pre", JSON.stringify(whole.examples[0], null, 2)));
  }
  for (const [status, answer] of Object.entries(told.responses)) {
    if (status[0] !== "2") continue;
    const json = answer.content && answer.content["application/json"];
    box.append(make("h4", "Answer " + status + (json ? ": " + kind(json.schema) : "")));
    if (json) box.append(fields(api, json.schema));
  }
  return box;
}
async function show() {
  const content = document.getElementById("content");
  const api = await (await fetch("openapi.json")).json();
  content.replaceChildren();
  api.info.description.split("\n\n").forEach((text) => content.append(make("p", text)));
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, told] of Object.entries(methods)) {
      const group = (told.tags || ["other"])[0];
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(operation(api, path, method, told));
    }
  }
  for (const [group, boxes] of groups) content.append(make("h2", group), ...boxes);
}
show().catch(() => {
  document.getElementById("content").textContent = "The document could not be read.";
});
