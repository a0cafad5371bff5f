// Elements are made here, and get texts of the log only as texts.

const svgNamespace = "http://www.w3.org/2000/svg";

// el returns an element with attributes and children, which are elements or texts.
function el(tag, attributes, ...children) {
	return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
	return filled(document.createElementNS(svgNamespace, tag), attributes, children);
}

function filled(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value != null) element.setAttribute(name, value);
	}
	element.append(...children.filter((c) => c != null));
	return element;
}

// Characters that nobody sees, or that change how others are shown. Joiners and the
// selectors of emoji are needed after some characters.
const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\u2028\u2029\ufffd]|\p{M}{16,}/gu;
const joiners = "\u200c\u200d";
const selectors = "\ufe0e\ufe0f";

// isNeeded reports whether a joiner or selector has an effect on what is before it.
function isNeeded(char, before) {
	const base = before.replace(/[\p{M}\u200c\u200d\ufe0e\ufe0f]+$/u, "").match(/.$/u)?.[0] ?? "";
	const code = base.codePointAt(0) ?? 0;
	if (joiners.includes(char)) return code >= 0x300;
	if (selectors.includes(char)) return code >= 0x80 || "#*0123456789".includes(base || "x");
	return false;
}

// escaped returns a character as JSON escapes it.
function escaped(char) {
	const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[char];
	if (short) return short;
	let text = "";
	for (let i = 0; i < char.length; i++) text += "\\u" + char.charCodeAt(i).toString(16).padStart(4, "0");
	return text;
}

// visible returns a text of the log as an element, in which all characters are visible.
// With lines, those that end lines do that.
function visible(text, lines) {
	const shown = el("bdi");
	let end = 0;
	for (const match of text.matchAll(unseen)) {
		const char = match[0];
		if ((lines && (char === "\n" || char === "\t")) || isNeeded(char, text.slice(Math.max(0, match.index - 40), match.index))) continue;
		shown.append(text.slice(end, match.index), el("span", { class: "escape" }, escaped(char)));
		end = match.index + char.length;
	}
	shown.append(text.slice(end));
	return shown;
}

// short returns the beginning of a text.
function short(text, most = 300) {
	return text.length > most ? text.slice(0, most) + "…" : text;
}

// textOf returns the value of a key as a text, empty if there is none.
function textOf(value) {
	if (value == null) return "";
	return typeof value === "string" ? value : JSON.stringify(value);
}

// timeElement shows a time, without the date if that is the one of another time.
function timeElement(time, other) {
	if (time == null) return el("span", { class: "none" }, "no time");
	return el("time", { datetime: iso(time), title: iso(time) }, clock(time, other));
}

// grow puts items into a list as they come into view. It returns a function that makes sure
// that an item is there.
function grow(list, items, render, step) {
	const more = el("button", { type: "button", class: "more" });
	let next = 0;
	const add = (upTo) => {
		const to = Math.min(items.length, upTo);
		const fresh = [];
		for (; next < to; next++) fresh.push(render(items[next], next));
		more.before(...fresh);
		more.textContent = `${(items.length - next).toLocaleString("en")} more`;
		if (next === items.length) {
			watcher.unobserve(more);
			more.remove();
		}
	};
	const watcher = new IntersectionObserver((entries) => {
		if (entries.some((e) => e.isIntersecting)) add(next + step);
	}, { rootMargin: "800px" });
	more.addEventListener("click", () => add(next + step));
	list.append(more);
	add(step);
	if (next < items.length) watcher.observe(more);
	return (i) => {
		if (i >= next) add(i + 1);
	};
}
