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
		shown.append(text.slice(end, match.index), el("span", { class: "\n\r\t".includes(char) ? "escape plain" : "escape" }, escaped(char)));
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

// whenSeen calls act once an element is in view, or nearly so.
const acts = new WeakMap();
const watcher = new IntersectionObserver((entries) => {
	for (const { target, isIntersecting } of entries) {
		if (!isIntersecting) continue;
		watcher.unobserve(target);
		acts.get(target)();
	}
}, { rootMargin: "800px" });
function whenSeen(element, act) {
	acts.set(element, act);
	watcher.observe(element);
}

// grow puts items into a list as they come into view. Its reach returns the element of an
// item, and forgets those of others if they are far away; its cover makes all of the first
// so many.
function grow(list, items, render, step) {
	const earlier = el("button", { type: "button", class: "more" });
	const later = el("button", { type: "button", class: "more" });
	list.append(earlier, later);
	let elements = []; // of items from start on
	let start = 0;
	const label = (button, n, what) => {
		button.hidden = n === 0;
		button.textContent = `${n.toLocaleString("en")} ${what}`;
	};
	const changed = () => {
		label(earlier, start, "before");
		label(later, items.length - start - elements.length, "more");
		if (!later.hidden) whenSeen(later, extend);
	};
	const extend = (n = step) => {
		const end = start + elements.length;
		const fresh = items.slice(end, end + n).map((item, i) => render(item, end + i));
		later.before(...fresh);
		elements.push(...fresh);
		changed();
	};
	const prepend = () => {
		const from = Math.max(0, start - step);
		const fresh = items.slice(from, start).map((item, i) => render(item, from + i));
		earlier.after(...fresh);
		elements.unshift(...fresh);
		start = from;
		changed();
	};
	const restart = (i) => {
		for (const element of elements) element.remove();
		elements = [];
		start = i;
		extend();
	};
	earlier.addEventListener("click", prepend);
	later.addEventListener("click", () => extend());
	changed();
	return {
		reach(i) {
			if (i < start || i >= start + elements.length) restart(i < step ? 0 : i);
			return elements[i - start];
		},
		cover(n) {
			if (start > 0) restart(0);
			if (n > elements.length) extend(n - elements.length);
			return elements;
		},
	};
}
