// The page: what is there at first, and what keys, links and buttons do.

const sessions = grow(list, data.sessions, sessionElement, 10);

// show shows an event in its turn.
function show(n) {
	if (!(n >= 0 && n < count)) return;
	clearSearch();
	const [s, t, r] = paths[n];
	const session = sessions.reach(s);
	session.unfold();
	let row = session.turns.reach(t);
	row.unfold();
	if (row.rows) {
		row = row.rows.reach(r);
		row.unfold();
	}
	const event = document.getElementById("e" + (n + 1));
	for (const other of document.querySelectorAll(".full.shown")) other.classList.remove("shown");
	event.classList.add("shown");
	event.scrollIntoView();
	event.focus({ preventScroll: true });
}

// follow follows the link in the address of the page.
function follow() {
	const match = /^#e(\d+)$/.exec(location.hash);
	if (match) show(+match[1] - 1);
}

// Severities and types that events have.
const counts = (values) => {
	const all = new Map();
	for (const v of values) all.set(v, (all.get(v) ?? 0) + 1);
	return [...all].sort((a, b) => b[1] - a[1]);
};
for (const [rank, n] of counts(severity).sort((a, b) => b[0] - a[0])) {
	const box = el("input", { type: "checkbox", value: rank });
	document.getElementById("severities").append(el("label", { class: "chip " + severities[rank] }, box, `${severities[rank] || "other"} ${n.toLocaleString("en")}`));
}
for (const [name, n] of counts(type)) {
	typeSelect.append(el("option", { value: name }, `${visible(short(data.names[name], 60)).textContent} (${n.toLocaleString("en")})`));
}
document.getElementById("tools").hidden = false;

let soon = 0;
query.addEventListener("input", () => {
	clearTimeout(soon);
	soon = setTimeout(search, 80);
});
typeSelect.addEventListener("change", search);
document.getElementById("severities").addEventListener("change", search);
spanButton.addEventListener("click", () => {
	chooseSpan(null);
	search();
	query.focus();
});

// The timeline is one stop of the tab key, in which arrows lead from bar to bar.
const slots = [...document.querySelectorAll("#timeline .slot")];
slots[0]?.setAttribute("tabindex", 0);
slots.forEach((slot, i) => {
	const choose = () => {
		chooseSpan(slot.getAttribute("aria-pressed") === "true" ? null : slot);
		search();
		if (span) document.getElementById("sessions").scrollIntoView();
	};
	slot.addEventListener("click", choose);
	slot.addEventListener("keydown", (e) => {
		const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: slots.length - 1 }[e.key];
		if (e.key === "Enter" || e.key === " ") choose();
		else if (slots[to]) {
			slot.setAttribute("tabindex", -1);
			slots[to].setAttribute("tabindex", 0);
			slots[to].focus();
		} else return;
		e.preventDefault();
	});
});

document.addEventListener("click", (e) => {
	const link = e.target.closest("a[href^='#e']");
	const button = e.target.closest("button.find");
	if (button) find(button.dataset.find);
	if (link && link.hash === location.hash) follow(); // then nothing else tells of the click
});
document.addEventListener("keydown", (e) => {
	if (e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && !e.target.closest("input, select, textarea")) {
		e.preventDefault();
		query.focus();
	} else if (e.key === "Escape" && e.target === query) {
		clearSearch();
	}
});

// On paper, sessions and turns are open as far as that is sensible.
const mostOnPaper = 300; // turns
window.addEventListener("beforeprint", () => {
	let left = mostOnPaper;
	for (let s = 0; s < data.sessions.length && left > 0; s++) {
		const session = sessions.cover(s + 1)[s];
		session.unfold();
		for (const turn of session.turns.cover(Math.min(left, data.sessions[s].turns.length))) {
			left--;
			if (!turn.classList.contains("turn")) continue;
			turn.unfold();
			turn.rows.cover(100);
		}
	}
});

window.addEventListener("hashchange", follow);
follow();
