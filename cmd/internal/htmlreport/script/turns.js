// Sessions and their turns. In a turn each bar begins where its call began.

// A path leads to an event: session, turn, then rows of that turn and those below its calls.
const paths = new Array(count);

// rowsOf returns the rows of a turn: its start, its nodes and those below them, and its end.
function rowsOf(turn, depth = 0) {
	if (turn.rows) return turn.rows;
	const rows = [];
	if (depth > 0) rows.push({ depth, agent: turn });
	if (turn.s != null) rows.push({ depth, event: turn.s });
	for (const node of turn.n ?? []) {
		if (typeof node === "number") {
			rows.push({ depth, event: node });
			continue;
		}
		rows.push({ depth, call: node });
		for (const below of node.b ?? []) rows.push(...rowsOf(below, depth + 1));
	}
	if (turn.e != null) rows.push({ depth, event: turn.e });
	turn.rows = rows;
	return rows;
}

// eventsOfRow returns the events that a row shows.
function eventsOfRow(row) {
	if (row.call) return row.call.e;
	return row.agent ? [] : [row.event];
}

data.sessions.forEach((session, s) => {
	session.turns.forEach((turn, t) => {
		if (turn.l != null) {
			paths[turn.l] = [s, t, 0];
			return;
		}
		rowsOf(turn).forEach((row, r) => {
			for (const n of eventsOfRow(row)) paths[n] = [s, t, r];
		});
	});
});

// The events without which a call was only decided about.
const ofCalls = new Set(["tool_call_attempt", "tool_call_complete", "tool_call_failure"]);

// kindOf returns what a call looks like, by how it ended.
function kindOf(call) {
	switch (call.o) {
	case "ok": case "ended": return "ok";
	case "failed": case "failure": case "error": return "failed";
	case "denied": case "deny": case "blocked": case "block": return "denied";
	}
	return "open";
}

// A tally counts what is worth knowing before a turn or session is opened.
function tallyOf(turn) {
	const tally = { calls: 0, failed: 0, denied: 0, open: 0, wrong: 0, events: 0 };
	if (turn.l != null) {
		tally.events = 1;
		tally.wrong = isWrong(turn.l) ? 1 : 0;
		return tally;
	}
	for (const row of rowsOf(turn)) {
		const events = eventsOfRow(row);
		tally.events += events.length;
		if (row.call) {
			tally.calls += events.some((n) => ofCalls.has(data.names[type[n]])) ? 1 : 0;
			tally.failed += kindOf(row.call) === "failed" ? 1 : 0;
			tally.denied += kindOf(row.call) === "denied" ? 1 : 0;
			tally.open += row.call.o === "no end" ? 1 : 0;
		} else if (row.event != null && isWrong(row.event)) {
			tally.wrong++;
		}
	}
	return tally;
}

function badges(tally) {
	const badge = (n, text, kind) => (n ? el("span", { class: "badge " + kind }, `${n.toLocaleString("en")} ${text}`) : null);
	return [
		badge(tally.calls, tally.calls === 1 ? "call" : "calls", ""),
		badge(tally.failed, "failed", "bad"),
		badge(tally.denied, "denied", "bad"),
		badge(tally.open, "without an end", "warn"),
		badge(tally.wrong, tally.wrong === 1 ? "error" : "errors", "bad"),
	];
}

// sessionElement shows a session. It is open if something went wrong in it, or if there
// are few.
function sessionElement(session) {
	const turns = session.turns;
	const tally = { calls: 0, failed: 0, denied: 0, open: 0, wrong: 0, events: 0 };
	for (const turn of turns) {
		for (const [key, n] of Object.entries(tallyOf(turn))) tally[key] += n;
	}
	const times = turns.flatMap((t) => (t.l != null ? [at[t.l]] : [t.x, t.y])).filter((t) => t != null);
	const first = times.reduce((a, b) => Math.min(a, b), Infinity);
	const last = times.reduce((a, b) => Math.max(a, b), -Infinity);
	const summary = [
		el("h3", null, session.id === "" ? "no session" : visible(session.id)),
		el("span", { class: "when" }, ...(times.length ? [timeElement(first), " to ", timeElement(last, first)] : [timeElement(null)])),
		el("span", { class: "badges" }, ...badges(tally)),
	];
	const open = tally.failed + tally.denied + tally.open + tally.wrong > 0 || data.sessions.length <= 3;
	const details = unfold({ class: "session", open: open ? "" : null }, summary, () => {
		const list = el("div", { class: "turns" });
		details.turns = grow(list, turns, (turn) => (turn.l != null ? looseElement(turn.l, first) : turnElement(turn, first)), 20);
		return [list];
	});
	return details;
}

// looseElement shows an event that belongs to no turn, its date as turnElement does.
function looseElement(n, day) {
	const event = eventOf(n);
	return unfold({ class: "row loose" + (isWrong(n) ? " failed" : "") },
		[timeElement(at[n], day), el("span", { class: "name" }, visible(event.event_type)), el("span", { class: "text" }, visible(short(headline(event))))],
		() => [detail(n, true)]);
}

// turnElement shows a turn, its date only if that is not the one of another time.
function turnElement(turn, day) {
	const tally = tallyOf(turn);
	const start = turn.s != null ? eventOf(turn.s) : null;
	const summary = [
		el("span", { class: "title" },
			el("h4", null, turn.i ? "Turn " : "No turn", visible(turn.i ?? "")), " ",
			turn.a != null ? el("span", { class: "agent" }, visible(data.names[turn.a])) : null, " ",
			el("span", { class: "when" }, timeElement(turn.x, day), turn.y > turn.x ? ` · ${took(turn.y - turn.x)}` : "", modelTime(turn))),
		el("span", { class: "badges" }, ...badges(tally)),
		start?.prompt_preview ? el("span", { class: "prompt" }, visible(short(textOf(start.prompt_preview)))) : null,
	];
	const details = unfold({ class: "turn", open: "" }, summary, () => {
		const scale = scaleOf(turn);
		const list = el("div", { class: "rows" });
		if (scale) list.append(axis(scale));
		details.rows = grow(list, rowsOf(turn), (row) => rowElement(row, scale), 100);
		return [list];
	});
	return details;
}

// modelTime says how much of a turn no call ran.
function modelTime(turn) {
	const spans = (turn.n ?? []).filter((n) => n.x != null && n.y > n.x).map((n) => [n.x, n.y]).sort((a, b) => a[0] - b[0]);
	if (turn.x == null || spans.length === 0) return "";
	let busy = 0;
	let end = turn.x;
	for (const [from, to] of spans) {
		const until = Math.min(to, turn.y);
		if (until > Math.max(from, end)) busy += until - Math.max(from, end);
		end = Math.max(end, until);
	}
	return `, ${took(Math.max(0, turn.y - turn.x - busy))} of it the model`;
}

// scaleOf returns the time that the tracks of a turn show, null if it is not known.
function scaleOf(turn) {
	let from = turn.x ?? Infinity;
	let to = turn.y ?? -Infinity;
	for (const row of rowsOf(turn)) {
		const times = row.call ? [row.call.x, row.call.y] : row.event != null ? [at[row.event]] : [];
		for (const t of times.filter((t) => t != null)) {
			from = Math.min(from, t);
			to = Math.max(to, t);
		}
	}
	if (!(to > from)) return null;
	const span = to - from;
	const rough = span / 4;
	const unit = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 5, 10].map((n) => n * unit).find((n) => n >= rough);
	const ticks = [];
	for (let t = 0; t <= span * 0.97; t += step) ticks.push(t);
	return { from, span, ticks, at: (t) => `${((100 * (t - from)) / span).toFixed(3)}%` };
}

function tick(ms) {
	if (ms === 0) return "0";
	if (ms < 1000) return `${+ms.toPrecision(3)} ms`;
	if (ms < 120000) return `${+(ms / 1000).toPrecision(3)} s`;
	return took(ms);
}

function axis(scale) {
	const labels = scale.ticks.map((t) => svg("text", { x: scale.at(scale.from + t), y: 12 }, tick(t)));
	return el("div", { class: "row axis", "aria-hidden": "true" }, el("span", { class: "track" }, svg("svg", { width: "100%", height: 16 }, ...labels)));
}

// track shows when something was, between the beginning and the end of the turn.
function track(scale, from, to, kind) {
	const lines = scale.ticks.map((t) => svg("line", { x1: scale.at(scale.from + t), x2: scale.at(scale.from + t), y2: 18 }));
	const shapes = [];
	if (from != null && to > from) {
		shapes.push(svg("rect", { class: "bar", x: scale.at(from), y: 4, width: `${Math.max(0.3, (100 * (to - from)) / scale.span).toFixed(3)}%`, height: 10, rx: 1 }));
	} else if (from != null) {
		shapes.push(svg("circle", { class: kind === "event" ? "moment" : "bar", cx: scale.at(from), cy: 9, r: kind === "event" ? 2.5 : 4 }));
	}
	return el("span", { class: "track" }, svg("svg", { width: "100%", height: 18, "aria-hidden": "true" }, ...lines, ...shapes));
}

// rowElement shows a row of a turn, with its events once it is opened.
function rowElement(row, scale) {
	const indent = row.depth ? ` d${Math.min(row.depth, 8)}` : "";
	if (row.agent) {
		const turn = row.agent;
		return el("div", { class: "row below" + indent },
			el("span", { class: "name" }, "agent ", el("strong", null, turn.a != null ? visible(data.names[turn.a]) : "")),
			el("span", { class: "state" }), el("span", { class: "took" }, turn.x != null && turn.y > turn.x ? took(turn.y - turn.x) : ""),
			scale ? track(scale, turn.x, turn.y, "agent") : null, el("span", { class: "text" }));
	}
	const events = eventsOfRow(row);
	const cells = row.call ? callCells(row.call, scale) : eventCells(row.event, scale);
	const kind = row.call ? kindOf(row.call) : isWrong(row.event) ? "event failed" : "event";
	return unfold({ class: `row ${kind}${indent}` }, cells, () => events.map((n) => detail(n, true)));
}

function callCells(call, scale) {
	const events = call.e.map(eventOf);
	const find = (key) => textOf(events.map((e) => e[key]).findLast((v) => v != null && v !== ""));
	const failure = call.o === "failed" ? [find("error_type"), find("error_message")].filter(Boolean).join(": ") : "";
	const denial = events.findLast((e) => e.event_type === "tool_policy_decision");
	const text = [events.some(isCopied) ? "copied: " : null];
	if (failure) text.push(el("span", { class: "bad" }, visible(short(failure))), " ");
	if (kindOf(call) === "denied" && denial) text.push(el("span", { class: "bad" }, "by ", visible(short(decider(denial)))), " ");
	text.push(visible(short(find("arguments_preview"))));
	if (find("result_preview")) text.push(el("span", { class: "result" }, " → ", visible(short(find("result_preview")))));
	return [
		el("span", { class: "name" }, visible(data.names[call.t])),
		el("span", { class: "state" }, visible(call.o)),
		el("span", { class: "took" }, call.d != null ? took(call.d) : ""),
		scale ? track(scale, call.x, call.y, "call") : null,
		el("span", { class: "text" }, ...text),
	];
}

function eventCells(n, scale) {
	const event = eventOf(n);
	return [
		el("span", { class: "name" }, visible(event.event_type)),
		el("span", { class: "state" }, severity[n] > 2 ? severities[severity[n]] : ""),
		el("span", { class: "took" }),
		scale ? track(scale, at[n], at[n], "event") : null,
		el("span", { class: "text" }, isCopied(event) ? "copied: " : null, visible(short(headline(event)))),
	];
}

// isCopied reports whether an event repeats what an earlier one told.
function isCopied(event) {
	return event.metadata?.copied === true;
}
