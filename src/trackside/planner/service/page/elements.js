// Making elements; text is always text, never markup.

export const byId = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren(...children.filter((child) => child !== null));
}

const SVG = "http://www.w3.org/2000/svg";

export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// days are dates without a time zone: the athlete's own
export const asDate = (day) => new Date(`${day}T12:00:00`);

export function isoDay(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function plusDays(day, count) {
  const date = asDate(day);
  date.setDate(date.getDate() + count);
  return isoDay(date);
}

export const dayText = (day) =>
  asDate(day).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short" });

export const dateText = (day) =>
  asDate(day).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
