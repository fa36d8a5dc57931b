// Keeps the status page up to date from the JSON API, a few seconds apart; filters, sorts and turns pages without
// loading it anew. Without this script the page is whole: everything here is what the server renders, once more.
// Whatever comes from the API is set as text, never as markup.
"use strict";

(() => {
  const PAUSE = 5000; // ms between two updates
  const TASKS = 100; // on a page, as the server's
  const INSTANCES = 10;
  const EVENTS = 20;
  const STAGES = ["wait", "full", "incremental", "paused", "cancelled", "unknown"];
  const PARAMETERS = ["search", "project", "instance", "status", "stage", "needs_repair", "stale", "sort", "limit",
                      "offset", "instances_offset"];

  let now = Date.now(); // the server's clock, as of the last answer
  let query = document.querySelector(".mistake") ? {} : read(location.search);
  let paused = false;
  let timer = 0;
  let turn = 0; // an answer to what was asked before is not shown
  const byId = (id) => document.getElementById(id);

  // ------------------------------------------------------------------ building

  // An element with attributes, and children: elements, or text.
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== undefined && child !== ""));
    return element;
  }
  const span = (kind, ...children) => make("span", { class: kind }, ...children);
  const cell = (label, ...children) => make("td", { "data-label": label }, ...children);

  function ageText(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    const both = (large, a, small, b) => (small === 0 ? `${large} ${a}` : `${large} ${a} ${small} ${b}`);
    if (minutes === 0) return `${seconds} s`;
    if (hours === 0) return `${minutes} min`;
    if (hours < 24) return both(hours, "h", minutes % 60, "min");
    return both(Math.floor(hours / 24), "d", hours % 24, "h");
  }

  function age(then, before = "", after = " ago") {
    return make("time", { datetime: then, title: then }, before + ageText(now - Date.parse(then)) + after);
  }

  // ------------------------------------------------------------------ queries and links

  function read(search) {
    const found = {};
    for (const [name, value] of new URLSearchParams(search)) {
      if (PARAMETERS.includes(name) && value !== "") found[name] = value;
    }
    return found;
  }

  function link(parameters) {
    const kept = PARAMETERS.filter((name) => parameters[name] !== undefined && parameters[name] !== "" &&
                                             !(name.endsWith("offset") && Number(parameters[name]) === 0));
    const text = kept.map((name) => `${name}=${encodeURIComponent(parameters[name]).replace(/[!'()*]/g,
      (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase())}`).join("&");
    return text === "" ? "./" : "?" + text;
  }

  function tasksPath() {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (name !== "instances_offset") asked.set(name, value);
    }
    if (!query.sort) asked.set("sort", "severity");
    if (!query.limit) asked.set("limit", String(TASKS));
    return "./api/v1/tasks?" + asked;
  }

  // ------------------------------------------------------------------ rows

  function nameOfInstance(each) {
    const sub = [each.project, each.region, each.discovered ? "discovered" : undefined].filter((word) => word !== undefined);
    return make("th", { scope: "row" },
                make("a", { class: "name", href: link({ instance: each.starrocks_instance }) }, each.starrocks_instance),
                span("sub", sub.join(" · ")));
  }

  function lastPoll(each) {
    if (each.result === undefined) return cell("Last poll", span("badge idle", "not polled yet"));
    const word = each.http_status === undefined ? each.result : `${each.result} ${each.http_status}`;
    const parts = [span(each.result === "success" ? "badge good" : "badge bad", word)];
    if (each.last_poll !== undefined) parts.push(span("sub", age(each.last_poll)));
    if (each.result !== "success") {
      const why = [each.error_code, each.error_msg].filter((text) => text !== undefined).join(" ");
      parts.push(span("why", why));
    }
    return cell("Last poll", ...parts);
  }

  function taskCounts(each) {
    if (each.tasks === undefined) return cell("Tasks", "not known");
    const stages = STAGES.filter((stage) => each.stages[stage] > 0).map((stage) => `${each.stages[stage]} ${stage}`);
    const flag = (kind, count, word) => (count > 0 ? [" ", span(kind, `${count} ${word}`)] : []);
    return cell("Tasks", make("b", {}, String(each.tasks)), span("sub", stages.join(" · ")),
                ...flag("badge bad", each.abnormal, "abnormal"),
                ...flag("badge warn", each.needs_repair, "need repair"), ...flag("badge warn", each.stale, "stale"));
  }

  function nextPoll(each) {
    const due = each.next_poll === undefined ? NaN : Date.parse(each.next_poll) - now;
    const text = Number.isNaN(due) ? "not known" : due <= 0 ? "now" : "in " + ageText(due);
    return cell("Next poll", text, span("sub", "every " + ageText(each.interval * 1000)));
  }

  function instanceRow(each) {
    return make("tr", { "data-key": each.starrocks_instance }, nameOfInstance(each), lastPoll(each),
                cell("Last success", each.last_success === undefined ? "never" : age(each.last_success)),
                taskCounts(each), nextPoll(each));
  }

  function taskStatus(task) {
    const parts = [];
    if (task.status === "no") {
      parts.push(span("badge bad", "abnormal"),
                 span("sub", age(task.abnormal_since ?? task.status_changed, "for ", "")));
    } else {
      parts.push(task.status === "yes" ? span("badge good", "normal") : span("badge idle", "unknown"));
    }
    if (task.unseen_since !== undefined) {
      parts.push(" ", span("badge warn", task.stale ? "stale" : "not seen"),
                 span("sub", age(task.unseen_since, "unseen for ", "")));
    }
    if (task.reason !== undefined) parts.push(span("why", task.reason));
    return cell("Status", ...parts);
  }

  function taskStage(task) {
    const parts = [span("badge stage " + task.stage, task.stage)];
    if (task.stage_raw !== undefined) parts.push(span("sub", task.stage_raw));
    if (task.catchup_stage !== undefined) {
      const percent = task.catchup_percentage === undefined ? "" : ` ${task.catchup_percentage} %`;
      parts.push(span("sub", `catch-up: ${task.catchup_stage}${percent}`));
    }
    return cell("Stage", ...parts);
  }

  function taskProgress(task) {
    const parts = task.percentage === undefined ? ["not reported"]
      : [make("progress", { max: 100, value: task.percentage, "aria-label": "Progress of " + task.task }), " ",
         span("number", `${task.percentage} %`)];
    if (task.lag !== undefined) parts.push(span("sub", "lag " + ageText(task.lag * 1000)));
    return cell("Progress", ...parts);
  }

  function taskRow(task) {
    const repair = { true: span("badge warn", "yes"), false: "no", undefined: "not reported" }[task.needs_repair];
    const temporary = task.main_task === false ? [" ", span("badge idle", "temporary")] : [];
    return make("tr", { "data-key": `${task.starrocks_instance}/${task.task}` },
                make("th", { scope: "row" }, span("name", task.task), ...temporary),
                cell("Instance", make("a", { class: "name", href: link({ instance: task.starrocks_instance }) },
                                      task.starrocks_instance)),
                cell("Databases", span("name", task.source_database ?? "?"), " → ",
                     span("name", task.target_database ?? "?")),
                taskStatus(task), taskStage(task), taskProgress(task),
                cell("In stage for", task.stage_changed === undefined ? "" : age(task.stage_changed, "", "")),
                cell("Needs repair", repair));
  }

  const EVENT_KEYS = new Set(["time", "level", "msg", "event", "project", "starrocks_instance", "task", "event_id"]);

  function eventRow(event) {
    const kind = { ERROR: "badge bad", WARN: "badge warn" }[event.level] ?? "badge idle";
    const task = event.task === undefined ? [] : [" / ", span("name", event.task)];
    const fields = Object.keys(event).filter((key) => !EVENT_KEYS.has(key))
      .flatMap((key) => [" ", span("field", `${key}=${event[key]}`)]);
    return make("tr", {}, cell("When", age(event.time)), cell("Level", span(kind, event.level)),
                cell("About", span("name", event.starrocks_instance ?? ""), ...task),
                cell("What", event.msg, ...fields));
  }

  // ------------------------------------------------------------------ showing

  // Makes `into` hold these rows and touches only what differs: focus, selection and scrolling stay.
  function show(table, rows, empty) {
    const body = byId(table).tBodies[0];
    if (rows.length === 0) {
      const columns = byId(table).tHead.rows[0].cells.length;
      rows = [make("tr", {}, make("td", { colspan: columns, class: "empty" }, empty))];
    }
    const known = new Map();
    for (const row of body.rows) known.set(row.dataset.key, row);
    rows.forEach((row, place) => {
      const old = row.dataset.key === undefined ? body.rows[place] : known.get(row.dataset.key);
      const usable = old && old.dataset.key === row.dataset.key && old.cells.length === row.cells.length;
      if (usable) {
        [...row.cells].forEach((cell, i) => {
          if (!same(old.cells[i], cell)) old.cells[i].replaceWith(cell);
        });
      }
      const placed = usable ? old : row;
      if (body.rows[place] !== placed) body.insertBefore(placed, body.rows[place] ?? null);
    });
    while (body.rows.length > rows.length) body.deleteRow(-1);
  }

  const same = (a, b) => a.outerHTML === b.outerHTML;

  function setText(id, text) {
    const element = byId(id);
    if (element && element.textContent !== text) element.textContent = text;
  }

  function showSummary(sum) {
    const kinds = { abnormal: "bad", failing: "bad", needs_repair: "warn", stale: "warn" };
    const counts = { ...sum.stages, tasks: sum.tasks, instances: sum.instances, failing: sum.failing,
                     not_polled: sum.not_polled, abnormal: sum.abnormal, needs_repair: sum.needs_repair, stale: sum.stale };
    for (const [name, count] of Object.entries(counts)) {
      setText("sum-" + name, String(count));
      byId("sum-" + name)?.closest("li").setAttribute("class", count > 0 ? kinds[name] ?? "" : "");
    }
    document.title = sum.abnormal > 0 ? `(${sum.abnormal}) replmond` : "replmond";
    announce(sum.abnormal);
  }

  // Said aloud only when it changes: an update every few seconds is no news.
  let told;
  function announce(abnormal) {
    if (told !== undefined && told !== abnormal) setText("news", `${abnormal} tasks are abnormal now`);
    told = abnormal;
  }

  function showPages(section, name, offset, limit, total, at) {
    const old = byId(section).querySelector("nav.pages");
    const pages = make("nav", { class: "pages", "aria-label": name }, "\n");
    if (offset > 0) pages.append(make("a", { rel: "prev", href: at(Math.max(0, offset - limit)) }, "Previous"), "\n");
    const range = offset >= total ? (total === 0 ? "none" : "nothing on this page")
                                  : `${offset + 1}–${Math.min(total, offset + limit)} of ${total}`;
    pages.append(make("span", {}, range), "\n");
    if (total - Math.min(total, offset) > limit)
      pages.append(make("a", { rel: "next", href: at(offset + limit) }, "Next"), "\n");
    if (old) {
      if (!same(old, pages)) {
        const focused = old.contains(document.activeElement) ? document.activeElement.rel : undefined;
        old.replaceWith(pages);
        (pages.querySelector(`a[rel="${focused}"]`) ?? (focused && pages.querySelector("a")))?.focus();
      }
    } else if (total > limit || offset > 0) {
      byId(section).append(pages);
    }
  }

  function showColumns() {
    const order = query.sort ?? "severity";
    const links = ["task", "instance", undefined, "status", "stage", "percentage", "stage_changed"];
    links.forEach((name, i) => {
      if (name === undefined) return;
      const head = byId("task-table").tHead.rows[0].cells[i];
      const current = order === name || order === "-" + name;
      const descending = order.startsWith("-") !== (name === "stage_changed");
      if (current) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
      const sort = order === name ? "-" + name : name;
      head.querySelector("a").setAttribute("href", link({ ...query, sort, offset: 0 }) + "#tasks");
    });
  }

  function showForm() {
    for (const field of byId("filter").elements) {
      if (field.name && field !== document.activeElement) field.value = query[field.name] ?? "";
    }
  }

  function nothing(total, sum) {
    if (sum.tasks === 0) return sum.not_polled > 0 ? "No task is known yet." : "There are no tasks.";
    return total === 0 ? "No task fits this filter." : "There is nothing on this page.";
  }

  function showAll([tasks, instances, events, sum]) {
    const offset = Number(query.offset ?? 0);
    const limit = Number(query.limit ?? TASKS);
    const instancesOffset = Number(query.instances_offset ?? 0);
    showSummary(sum.data);
    if (byId("instance-table")) {
      show("instance-table", instances.data.map(instanceRow), "");
      if (instances.total > INSTANCES || instancesOffset > 0)
        showPages("instances", "Pages of instances", instancesOffset, INSTANCES, instances.total,
                  (to) => link({ ...query, instances_offset: to }) + "#instances");
    }
    show("task-table", tasks.data.map(taskRow), nothing(tasks.total, sum.data));
    showPages("tasks", "Pages of tasks", offset, limit, tasks.total, (to) => link({ ...query, offset: to }) + "#tasks");
    show("event-table", events.data.map(eventRow), "Nothing has happened yet.");
    showColumns();
  }

  // ------------------------------------------------------------------ asking

  async function get(path) {
    const answer = await fetch(path, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000) });
    const ahead = Date.parse(answer.headers.get("Date") ?? "") - Date.now();
    now = Date.now() + (Math.abs(ahead) < 2000 || Number.isNaN(ahead) ? 0 : ahead); // Date has whole seconds
    const body = await answer.json();
    if (body.status !== "success") throw new Error(body.error);
    return body;
  }

  async function update() {
    clearTimeout(timer);
    const mine = ++turn;
    try {
      const found = await Promise.all([
        get(tasksPath()),
        get(`./api/v1/instances?sort=severity&limit=${INSTANCES}&offset=${query.instances_offset ?? 0}`),
        get(`./api/v1/events?limit=${EVENTS}`), get("./api/v1/summary")]);
      if (mine !== turn) return;
      if (found[1].total > 0 && !byId("instance-table")) return location.reload(); // the first one has come
      showAll(found);
      say(`Updated ${new Date(now).toISOString().slice(0, 19)}Z`, false);
    } catch (error) {
      if (mine !== turn) return;
      say(`Not updated: ${error.message}`, true);
    }
    if (!paused && !document.hidden) timer = setTimeout(update, PAUSE);
  }

  function say(text, lost) {
    setText("as-of", text);
    byId("live").classList.toggle("lost", lost);
  }

  // ------------------------------------------------------------------ what the user does

  function go(search, keep = false) {
    query = read(search);
    document.querySelector(".mistake")?.remove();
    const path = link(query);
    history[keep ? "replaceState" : "pushState"](null, "", path === "./" ? location.pathname : path);
    showForm();
    return update();
  }

  function filter(event, keep) {
    event?.preventDefault();
    const wanted = Object.fromEntries(new FormData(byId("filter")));
    go(link({ ...wanted, instances_offset: query.instances_offset }).replace("./", ""), keep);
  }

  function addControls() {
    const live = byId("live");
    const button = make("button", { type: "button", "aria-pressed": "false" }, "Pause updates");
    button.addEventListener("click", () => {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
      if (paused) clearTimeout(timer);
      else update();
    });
    live.replaceChildren(make("span", { id: "as-of" }, live.textContent), button,
                         make("span", { id: "news", class: "hidden", role: "status" }));
  }

  function listen() {
    let typing = 0;
    byId("filter").addEventListener("submit", filter);
    byId("filter").addEventListener("input", (event) => {
      clearTimeout(typing);
      typing = setTimeout(() => filter(undefined, true), event.target.tagName === "SELECT" ? 0 : 250);
    });
    document.addEventListener("click", (event) => {
      const anchor = event.target.closest("a[href]");
      const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
      const here = anchor && /^(\?|\.\/(#|$))/.test(anchor.getAttribute("href"));
      if (!here || !plain) return;
      event.preventDefault();
      go(new URL(anchor.href).search);
      if (!anchor.closest("thead, nav.pages")) byId("tasks").scrollIntoView();
    });
    addEventListener("popstate", () => {
      query = read(location.search);
      showForm();
      update();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !paused) update();
    });
  }

  addControls();
  listen();
  update();
})();
