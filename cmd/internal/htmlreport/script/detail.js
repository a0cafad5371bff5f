// Events in full, and in one line.

const envelope = new Set(["event_type", "timestamp", "agent_id", "turn_id", "session_id", "severity", "metadata"]);

// headline returns what an event is about, in one line.
function headline(event) {
	const get = (key) => textOf(event[key]);
	const join = (...parts) => parts.filter((p) => p !== "").join(" ");
	switch (event.event_type) {
	case "turn_start": return get("prompt_preview");
	case "turn_end": return get("content_preview");
	case "tool_call_attempt": return join(get("tool_name"), get("arguments_preview"));
	case "tool_call_complete": return join(get("tool_name"), get("status") === "success" ? "" : get("status"), get("result_preview") && "→ " + get("result_preview"));
	case "tool_call_failure": return join(get("tool_name") + " failed:", [get("error_type"), get("error_message")].filter(Boolean).join(": "));
	case "tool_policy_decision": return join(get("tool_name"), get("action"), decider(event) && "by " + decider(event));
	case "agent_switch": return join(get("from_agent"), "→", get("to_agent"), get("reason"));
	case "error": return join([get("error_type"), get("error_message")].filter(Boolean).join(": "), get("error_context"));
	}
	return Object.keys(event).filter((k) => !envelope.has(k)).map((k) => `${k}=${get(k)}`).join(" ");
}

// decider returns who decided about a call, or by which policy.
function decider(decision) {
	return textOf(decision.metadata?.decided_by ?? decision.policy_source);
}

// isWrong reports whether an event tells that something went wrong.
function isWrong(n) {
	return alarm[n] === 2;
}

// placeOf returns where an event was read.
function placeOf(n) {
	return `${data.files[file[n]]}:${line[n]}`;
}

// detail shows an event with all its keys and its line. Only with a name can links lead to it.
function detail(n, named) {
	const raw = lineOf(n);
	const id = "e" + (n + 1);
	const rows = [];
	for (const [key, value] of membersOf(raw)) {
		rows.push(el("tr", null, el("th", { scope: "row" }, visible(key)), el("td", null, shownValue(value))));
	}
	const copy = el("button", { type: "button" }, "Copy line");
	copy.addEventListener("click", () => copyText(raw, copy));
	return el("article", { class: "full", id: named ? id : null, tabindex: -1, "aria-label": `Event ${n + 1}` },
		el("header", null,
			el("a", { href: "#" + id, title: "A link to this event" }, "#" + id), " ",
			el("strong", { class: isWrong(n) ? "bad" : null }, visible(data.names[type[n]])), " ",
			timeElement(at[n]), " ", el("span", { class: "place" }, visible(placeOf(n))), copy),
		el("table", null, el("tbody", null, ...rows)),
		el("details", { class: "raw" }, el("summary", null, "Line"), el("pre", { tabindex: 0 }, visible(raw, true))));
}

// shownValue shows a value as the log spells it, a string without its quotes.
function shownValue(value) {
	return visible(value[0] === '"' ? JSON.parse(value) : value, true);
}

async function copyText(text, button) {
	const label = button.textContent;
	try {
		await navigator.clipboard.writeText(text);
		button.textContent = "Copied";
	} catch {
		button.textContent = "Not allowed here: copy it below";
	}
	setTimeout(() => { button.textContent = label; }, 2000);
}

// unfold makes a details element that gets its content when it is opened; if it is open
// from the beginning, when it is seen.
function unfold(attributes, summary, fill) {
	const details = el("details", attributes, el("summary", null, ...summary));
	details.fill = () => {
		details.append(...fill());
		details.fill = () => {};
	};
	details.unfold = () => {
		details.fill();
		details.open = true;
	};
	details.addEventListener("toggle", () => {
		if (details.open && !details.unseen) details.fill();
	});
	if (details.open) {
		details.unseen = true;
		whenSeen(details, () => {
			details.unseen = false;
			if (details.open) details.fill();
		});
	}
	return details;
}
