// The search: words that must all be in a line, and key:value for the value of a key.

const query = document.getElementById("query");
const typeSelect = document.getElementById("type");
const spanButton = document.getElementById("span");
const found = document.getElementById("found");
const list = document.getElementById("list");
const results = document.getElementById("results");

let haystacks; // lines in small letters, made with the first search
let span = null; // from and to of the chosen bar of the timeline

function haystack(n) {
	haystacks ??= new Array(count);
	haystacks[n] ??= lineOf(n)
		.replace(/\\u([0-9a-fA-F]{4})/g, (all, hex) => String.fromCharCode(parseInt(hex, 16)))
		.replace(/\\(["\\/])/g, "$1").toLowerCase();
	return haystacks[n];
}

// The texts to search are made while nothing else happens, so that the first search is
// as fast as the next.
function prepare(n) {
	const end = Math.min(count, n + 500);
	for (let i = n; i < end; i++) haystack(i);
	if (end < count) idle(() => prepare(end));
}
const idle = window.requestIdleCallback ?? ((f) => setTimeout(f, 50));
idle(() => prepare(0));

// parse returns the conditions that a query means.
function parse(text) {
	const conditions = [];
	for (const [, key, quoted, plain, word] of text.matchAll(/([\w.-]+):(?:("(?:[^"\\]|\\.)*")|(\S+))|"?([^\s"]+)"?/g)) {
		if (word != null) {
			conditions.push((n) => haystack(n).includes(word.toLowerCase()));
			continue;
		}
		let want = plain;
		try {
			want = quoted ? JSON.parse(quoted) : plain;
		} catch { /* it is no string yet: somebody is typing it */ }
		conditions.push(hasValue(key, want ?? ""));
	}
	return conditions;
}

// hasValue returns the condition that a key has a value; severities are compared by what
// they mean.
function hasValue(key, want) {
	const rank = severities.indexOf(want);
	if (key === "severity" && rank > 0) return (n) => severity[n] === rank;
	if (key === "event_type") return (n) => data.names[type[n]] === want;
	const quick = want.toLowerCase();
	const path = key.split(".");
	return (n) => {
		if (!/["\\\x00-\x1f]/.test(quick) && !haystack(n).includes(quick)) return false; // most, at once
		const value = valueAt(lineOf(n), path);
		return value != null && (value[0] === '"' ? JSON.parse(value) : value) === want;
	};
}

// valueAt returns a value as the line spells it, null if there is none.
function valueAt(text, path) {
	for (const key of path) {
		if (!/^[\s\ufeff]*\{/.test(text)) return null;
		text = [...membersOf(text)].findLast(([k]) => k === key)?.[1] ?? "";
	}
	return text || null;
}

// search shows the events that meet all conditions, or the sessions if there are none.
function search() {
	const conditions = [];
	const checked = [...document.querySelectorAll("#severities input:checked")].map((box) => +box.value);
	if (checked.length > 0) conditions.push((n) => checked.includes(severity[n]));
	if (typeSelect.value !== "") {
		const wanted = +typeSelect.value;
		conditions.push((n) => type[n] === wanted);
	}
	if (span) conditions.push((n) => at[n] != null && at[n] >= span.from && at[n] < span.to);
	conditions.push(...parse(query.value));
	results.replaceChildren();
	results.hidden = conditions.length === 0;
	list.hidden = conditions.length > 0;
	if (conditions.length === 0) {
		found.textContent = "";
		return;
	}
	const hits = [];
	for (let n = 0; n < count; n++) {
		if (conditions.every((holds) => holds(n))) hits.push(n);
	}
	found.textContent = `${hits.length.toLocaleString("en")} of ${count.toLocaleString("en")} events${data.leftOut ? " on this page" : ""}`;
	if (hits.length > 0) grow(results, hits, resultElement, 60);
}

function resultElement(n) {
	const event = eventOf(n);
	return unfold({ class: "row hit" + (isWrong(n) ? " failed" : "") }, [
		timeElement(at[n]),
		el("span", { class: "name" }, visible(event.event_type)),
		el("span", { class: "agent" }, visible(textOf(event.agent_id))),
		el("span", { class: "text" }, visible(short(headline(event)))),
	], () => [el("p", { class: "note" }, el("a", { href: "#e" + (n + 1) }, "Show it in its turn")), detail(n, false)]);
}

// clearSearch shows the sessions again.
function clearSearch() {
	query.value = typeSelect.value = "";
	for (const box of document.querySelectorAll("#severities input")) box.checked = false;
	chooseSpan(null);
	search();
}

// find shows what a query finds.
function find(text) {
	clearSearch();
	query.value = text;
	search();
	document.getElementById("sessions").scrollIntoView();
	query.focus({ preventScroll: true });
}

// chooseSpan chooses a bar of the timeline, or none.
function chooseSpan(slot) {
	for (const s of document.querySelectorAll("#timeline .slot")) s.setAttribute("aria-pressed", s === slot ? "true" : "false");
	spanButton.hidden = slot == null;
	span = null;
	if (slot) {
		const width = +document.getElementById("timeline").dataset.width;
		const from = +slot.dataset.from - data.base;
		span = { from, to: from + width };
		spanButton.textContent = `${clock(from)} to ${clock(from + width, from)} ✕`;
		spanButton.setAttribute("aria-label", `Not only ${clock(from)} to ${clock(from + width, from)}`);
	}
}
