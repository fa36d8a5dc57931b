// Keeps a page of replmond up to date, a few seconds apart: it fetches the page that it is on, and puts what differs
// into the one that is shown. Without this script the page is whole. So the server alone decides what is shown and how;
// the script adds what only a browser can: the viewer's time zone, filters without loading anew, the icon's number,
// what a screen reader should say, and that the daemon does not answer.
"use strict";

(() => {
  const PAUSE = 5000; // ms between two updates
  const HIDDEN_PAUSE = 30000; // while nobody looks, for the title and the icon
  const DEADLINE = 15000; // of one request

  let paused = false;
  let timer = 0;
  let turn = 0; // an answer to what was asked before is not shown
  let lastGood = new Date();
  let utc = stored("utc") === "true";
  const byId = (id) => document.getElementById(id);
  const isStart = byId("task-table") !== null;

  function stored(name) {
    try {
      return localStorage.getItem("replmond." + name);
    } catch {
      return null; // the browser keeps nothing for this site
    }
  }

  function store(name, value) {
    try {
      localStorage.setItem("replmond." + name, value);
    } catch {
      // The choice holds until the page is closed.
    }
  }

  // English is what stands here; other languages are in the page.
  const language = document.documentElement.lang;
  const texts = JSON.parse(byId("texts")?.textContent ?? "{}");
  const say = (english, value) => (texts[english] ?? english).replace("{}", value);

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // ------------------------------------------------------------------ times

  const two = (number) => String(number).padStart(2, "0");

  const format = language === "en" ? undefined : (timeZone) => new Intl.DateTimeFormat(language, {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    hourCycle: "h23", timeZoneName: "longOffset", timeZone,
  });
  const formats = format && { utc: format("UTC"), local: format(undefined) };

  // 2026-11-22 01:24:35Z, or with the offset of the viewer's zone at that moment; in Chinese as its readers write it.
  function momentText(date) {
    if (formats) return (utc ? formats.utc : formats.local).format(date);
    if (utc) return date.toISOString().slice(0, 19).replace("T", " ") + "Z";
    const offset = -date.getTimezoneOffset();
    const size = Math.abs(offset);
    const zone = (offset < 0 ? "-" : "+") + two(Math.floor(size / 60)) + ":" + two(size % 60);
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
      `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${zone}`;
  }

  function localize(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const text = momentText(new Date(time.getAttribute("datetime")));
      if (time.textContent !== text) time.textContent = text;
    }
  }

  // ------------------------------------------------------------------ putting a new page into the one that is shown

  const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.dataset.key ?? (node.id || undefined) : undefined);
  const fits = (old, fresh) => old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);

  // What the reader has folded or unfolded stays so, until the server wants it otherwise than before.
  const unfolded = new Map(); // by id: as the server had it last
  for (const each of document.querySelectorAll("details")) unfolded.set(each.id, each.open);

  function takeFold(old, fresh) {
    if (unfolded.get(fresh.id) === fresh.open) return;
    unfolded.set(fresh.id, fresh.open);
    old.open = fresh.open;
  }

  function takeAttributes(old, fresh) {
    const isFold = (name) => name === "open" && old.nodeName === "DETAILS";
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !isFold(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (!isFold(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if (old.nodeName === "DETAILS") takeFold(old, fresh);
  }

  function takeField(old, fresh) {
    if (old === document.activeElement) return; // somebody is typing
    const value = fresh.nodeName === "SELECT" ? fresh.querySelector("option[selected]")?.value ?? "" : fresh.getAttribute("value") ?? "";
    if (old.value !== value) old.value = value;
  }

  // Focus, selection and scrolling stay where nothing differs. Rows keep their elements by their keys.
  function take(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    const hasFields = old.matches("input, select") || old.querySelector("input, select") !== null;
    if (!hasFields && old.isEqualNode(fresh)) return; // what a reader has typed is in no attribute
    takeAttributes(old, fresh);
    if (old.nodeName === "INPUT" || old.nodeName === "SELECT") takeField(old, fresh);
    if (old.nodeName === "SELECT" && old === document.activeElement) return;
    const known = new Map();
    for (const child of old.childNodes) if (keyOf(child) !== undefined) known.set(keyOf(child), child);
    let at = old.firstChild;
    for (const next of [...fresh.childNodes]) {
      const key = keyOf(next);
      let match = key === undefined ? at : known.get(key);
      if (match && (!fits(match, next) || match.parentNode !== old)) match = undefined;
      if (match) {
        if (match !== at) old.insertBefore(match, at);
        take(match, next);
        at = match.nextSibling;
      } else {
        old.insertBefore(document.importNode(next, true), at);
      }
    }
    while (at) {
      const rest = at.nextSibling;
      at.remove();
      at = rest;
    }
  }

  // ------------------------------------------------------------------ title and icon

  function icon(text, color) {
    const path = "M3 6h7M8 3.5 10.5 6 8 8.5M13 10.5H6M8 8l-2.5 2.5L8 13";
    const inside = text === "" ? `<path d="${path}" fill="none" stroke="#fff" stroke-width="1.5"/>`
      : `<text x="8" y="11.6" font-family="sans-serif" font-size="${text.length > 2 ? 7 : 10}" font-weight="700" ` +
        `fill="#fff" text-anchor="middle">${text}</text>`;
    return "data:image/svg+xml," + encodeURIComponent(
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="${color}"/>${inside}</svg>`);
  }

  function showMark(wrong, title) {
    document.title = title;
    const lost = wrong === undefined;
    const text = lost ? "?" : wrong === 0 ? "" : wrong > 99 ? "99+" : String(wrong);
    const href = icon(text, lost ? "#566270" : wrong > 0 ? "#b42318" : "#0b5fb4");
    const link = document.querySelector("link[rel=icon]");
    if (link.getAttribute("href") !== href) link.setAttribute("href", href);
  }

  const plainTitle = () => document.title.replace(/^\([^)]*\) /, "");
  const titleWith = (wrong) => (wrong > 0 ? `(${wrong}) ` : "") + plainTitle();

  // ------------------------------------------------------------------ asking

  // Something answers, but not with what was asked for: a refusal, or the page of a proxy. It says nothing of the fleet.
  class OtherAnswer extends Error {}

  // The text of an answer of status 200, or of one that is `allowed`.
  async function get(path, type, allowed) {
    const answer = await fetch(path, { headers: { Accept: type }, signal: AbortSignal.timeout(DEADLINE) });
    if (!answer.ok && !allowed.includes(answer.status)) throw new OtherAnswer(say("the answer is {}", answer.status));
    return answer.text();
  }

  function parsePage(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (!fresh.querySelector("#main")) throw new OtherAnswer(say("the answer is not a page of replmond"));
    return fresh;
  }

  function parseSummary(text) {
    try {
      const { wrong, failing } = JSON.parse(text).data;
      return wrong + failing;
    } catch {
      throw new OtherAnswer(say("the answer is not a page of replmond"));
    }
  }

  function show(fresh) {
    localize(fresh);
    document.body.dataset.wrong = fresh.body.dataset.wrong ?? "0";
    const focused = document.activeElement;
    const before = byId("wrong-title")?.textContent;
    for (const selector of ["main", "footer", "#live time"]) {
      const old = document.querySelector(selector);
      const next = fresh.querySelector(selector);
      if (old && next) take(old, next);
    }
    if (focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true }); // its row moved
    // Said aloud only when it changes: an update every few seconds is no news.
    const after = byId("wrong-title")?.textContent;
    const fact = (text) => text?.replace(/(, all read within|，均在最近).*/, "");
    if (fact(after) !== fact(before)) byId("news").textContent = after ?? "";
    showMark(Number(document.body.dataset.wrong), fresh.title);
  }

  async function update() {
    clearTimeout(timer);
    const mine = ++turn;
    try {
      const text = await get(location.href, "text/html", [400, 404]); // a mistake in the address, and no such task
      if (mine !== turn) return;
      const fresh = parsePage(text);
      found();
      show(fresh);
    } catch (error) {
      if (mine !== turn) return;
      lose(error);
    }
    schedule();
  }

  // While nobody looks, the summary is enough for the title and the icon.
  async function updateMark() {
    clearTimeout(timer);
    const mine = ++turn;
    try {
      const text = await get("./api/v1/summary", "application/json", []);
      if (mine !== turn) return;
      const wrong = parseSummary(text);
      found();
      if (isStart) showMark(wrong, titleWith(wrong));
    } catch (error) {
      if (mine !== turn) return;
      lose(error);
    }
    schedule();
  }

  function schedule() {
    if (paused) return;
    timer = document.hidden ? setTimeout(updateMark, HIDDEN_PAUSE) : setTimeout(update, PAUSE);
  }

  // ------------------------------------------------------------------ the daemon does not answer

  function lose(error) {
    if (document.body.classList.contains("lost")) return;
    document.body.classList.add("lost");
    const since = make("time", { datetime: lastGood.toISOString() });
    const what = error instanceof OtherAnswer ? say("This page could not be updated since ") : say("replmond does not answer since ");
    byId("lost").replaceChildren(what, since, say(": {}. What is shown is from then.", error.message));
    localize(byId("lost"));
    showMark(undefined, "(?) " + plainTitle());
  }

  function found() {
    lastGood = new Date();
    if (!document.body.classList.contains("lost")) return;
    document.body.classList.remove("lost");
    byId("lost").replaceChildren();
    byId("news").textContent = say("replmond answers again");
  }

  // ------------------------------------------------------------------ what the user does

  function go(address, keep = false) {
    history[keep ? "replaceState" : "pushState"](null, "", address);
    return update();
  }

  // The address of the page with the fields of the form; what is empty is left out.
  function filtered() {
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(byId("filter"))) if (value !== "") wanted.set(name, value);
    const text = wanted.toString();
    return text === "" ? location.pathname : "?" + text;
  }

  function filter(event, keep) {
    event?.preventDefault();
    go(filtered(), keep);
  }

  function showZone(button) {
    button.textContent = say(utc ? "Local time" : "UTC");
    button.setAttribute("aria-label", say(utc ? "Show times in your zone" : "Show times in UTC"));
    localize(document);
  }

  function addControls() {
    const pause = make("button", { type: "button", "aria-pressed": "false" }, say("Pause updates"));
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.setAttribute("aria-pressed", String(paused));
      if (paused) clearTimeout(timer);
      else update();
    });
    const zone = make("button", { type: "button" });
    zone.addEventListener("click", () => {
      utc = !utc;
      store("utc", String(utc));
      showZone(zone);
    });
    byId("live").append(" ", pause, " ", zone, make("span", { id: "news", class: "hidden", role: "status" }));
    document.querySelector("header").after(make("p", { id: "lost", role: "alert" }));
    showZone(zone);
  }

  // A link to this page with other filters, or to another part of it: it is followed without loading anew.
  function isOwn(anchor) {
    if (anchor.hasAttribute("hreflang")) return false; // head and script are in the other language then
    return isStart && /^(\?|\.\/(#|\?|$))/.test(anchor.getAttribute("href"));
  }

  function followLink(event) {
    const anchor = event.target.closest("a[href]");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!anchor || !plain || !isOwn(anchor)) return;
    event.preventDefault();
    const target = new URL(anchor.href);
    go(target.search === "" ? location.pathname : target.search);
    if (!anchor.closest("thead, nav.pages") && target.hash) document.querySelector(target.hash)?.scrollIntoView();
  }

  function listen() {
    let typing = 0;
    byId("filter")?.addEventListener("submit", filter);
    byId("filter")?.addEventListener("input", (event) => {
      clearTimeout(typing);
      typing = setTimeout(() => filter(undefined, true), event.target.tagName === "SELECT" ? 0 : 250);
    });
    if (isStart) document.addEventListener("click", followLink);
    addEventListener("popstate", update);
    document.addEventListener("visibilitychange", () => {
      if (paused) return;
      clearTimeout(timer);
      if (document.hidden) schedule();
      else update();
    });
    // "#instances" out of the list of what is wrong: the section may be folded.
    addEventListener("hashchange", () => {
      const target = location.hash.length > 1 && byId(location.hash.slice(1));
      if (target && target.nodeName === "DETAILS") target.open = true;
    });
  }

  addControls();
  listen();
  showMark(Number(document.body.dataset.wrong), document.title);
  update();
})();
