// The data of the page: see data.go for what is in it.

const data = JSON.parse(document.getElementById("data").textContent);
const elements = document.querySelectorAll("script.lines");
const chunks = []; // of lines, as far as they were needed
const { at, severity, alarm, type, file, line } = data.events;
const count = at.length;
const severities = ["", "debug", "info", "warning", "error", "critical"];

// lineOf returns the line of an event, as it is in the log.
function lineOf(n) {
	const c = Math.floor(n / data.per);
	chunks[c] ??= JSON.parse(elements[c].textContent);
	return chunks[c][n % data.per];
}

// eventOf returns an event as an object. Of a key that is there twice it has the last value.
function eventOf(n) {
	return JSON.parse(lineOf(n).replace(/^[\s\ufeff]+/, ""));
}

// membersOf yields the keys and values of a line, each value as the log spells it: numbers
// may have more digits than JavaScript keeps.
function* membersOf(text) {
	const skip = (i) => {
		while (" \t\r\n,:\ufeff".includes(text[i])) i++;
		return i;
	};
	let i = skip(text.indexOf("{") + 1);
	while (text[i] === '"') {
		const key = endOfValue(text, i);
		const from = skip(key);
		const to = endOfValue(text, from);
		yield [JSON.parse(text.slice(i, key)), text.slice(from, to)];
		i = skip(to);
	}
}

// endOfValue returns where a value ends that begins at i. The text is valid JSON.
function endOfValue(text, i) {
	let depth = 0;
	let inString = false;
	for (; ; i++) {
		const c = text[i];
		if (inString) {
			if (c === "\\") i++;
			else if (c === '"') {
				inString = false;
				if (depth === 0) return i + 1;
			}
		} else if (c === '"') inString = true;
		else if (c === "{" || c === "[") depth++;
		else if (c === "}" || c === "]") {
			if (--depth < 0) return i; // after a number or a word
			if (depth === 0) return i + 1;
		} else if (depth === 0 && " \t\r\n,".includes(c)) return i;
	}
}

// Times are milliseconds after data.base.

// offsetAt returns how many milliseconds clocks are ahead of UTC at a time since 1970.
function offsetAt(ms) {
	let found = 0;
	for (const [from, seconds] of data.zone) {
		if (from > ms) break;
		found = seconds * 1000;
	}
	return found;
}

// clock returns a time as clocks show it, without the date if it is that of another time.
function clock(time, other) {
	const text = (t) => {
		const ms = Math.floor(t + data.base);
		return new Date(ms + offsetAt(ms)).toISOString().replace("T", " ").slice(0, -1);
	};
	const shown = text(time);
	return other != null && text(other).slice(0, 10) === shown.slice(0, 10) ? shown.slice(11) : shown;
}

// iso returns a time with its offset.
function iso(time) {
	const ms = Math.floor(time + data.base);
	const minutes = Math.round(offsetAt(ms) / 60000);
	const two = (n) => String(n).padStart(2, "0");
	const [sign, ahead] = minutes < 0 ? ["-", -minutes] : ["+", minutes];
	return clock(time).replace(" ", "T") + sign + two(Math.floor(ahead / 60)) + ":" + two(ahead % 60);
}

// took returns a duration with about three digits, as auditctl does.
function took(ms) {
	if (ms < 999.95) return ms.toFixed(1) + "\u00a0ms";
	if (ms < 59995) return (ms / 1000).toFixed(2) + "\u00a0s";
	const s = Math.round(ms / 1000);
	const hours = Math.floor(s / 3600);
	const minutes = Math.floor(s / 60) % 60;
	if (hours >= 240) return (s / 86400).toPrecision(3) + "\u00a0d";
	return `${hours ? hours + "h" : ""}${minutes}m${s % 60}s`;
}
