"""From what a run has seen to the rows of its promises, and to what was done."""

import json
import subprocess
import time

import promises
import reload_attacks
from changes import audit, audit_numbers, delays
from fleet_names import SECRETS
from web_attacks import CrossSite, Prober

MOST_MEMORY = 512  # MiB
NOT_A_LINE = "every line of the log is JSON and shorter than 16 KiB"


class Verdict:
    """Of a run whose daemon has ended: `took` seconds after SIGTERM, with `code`."""

    def __init__(self, run, took, code):
        self.run, self.took, self.code = run, took, code
        self.interval = run.options.interval
        run.told.read()

    def rows(self):
        run = self.run
        rows = [promises.Row("the daemon lives", run.gone or "to the end", run.gone is None), promises.never_row("no attacker gives up", run.idle)]
        rows += promises.scrape_rows(run.scraped("scraper"), run.scraped("still"))
        rows += promises.poll_rows(run.before, run.after, run.elapsed, self.interval, run.fleet.instances)
        if "side-refusals" in run.only:
            rows.append(promises.side_row(run.before, run.after))
        rows += self.events()
        rows += [promises.memory_row(run.samples), promises.most_memory_row(run.samples, MOST_MEMORY)]
        rows += promises.resource_rows(run.begin, run.end)
        rows += self.never()
        return rows + promises.stop_row(self.took, self.code)

    def events(self):
        made, told = self.run.changes.made, self.run.told
        stored, trouble = self.stored()
        numbers = audit_numbers(told.numbered, stored) + ([trouble] if trouble else [])
        return promises.event_rows(audit(made, told.transitions), numbers, len(made), delays(made, told.transitions), self.interval)

    def stored(self):
        """(numbers of the events in the state file, what went wrong reading them)"""
        fleet = self.run.fleet
        command = [fleet.build / "replmond", "events", f"--state.path={fleet.folder / 'state.db'}", "--output=json", "--limit=1000000"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        return [json.loads(line)["event_id"] for line in done.stdout.splitlines()], done.stderr if done.returncode else ""

    def counted(self, attack, word):
        return [f"{what}: {count}" for what, count in self.run.counts.get(attack, {}).items() if word in what]

    def refused_reloads(self):
        asked, refused = 0, 0
        for counts in self.run.counts.values():
            refused += counts.get(reload_attacks.REFUSED, 0)
            asked += counts.get(reload_attacks.EXPECTED, 0) + counts.get(reload_attacks.REFUSED, 0)
        return [f"{refused} of {asked} were not"] if refused else []

    def never(self):
        """What no attacker may achieve."""
        strangers = [found for attack in (Prober.name, "wrong-passwords") for found in self.counted(attack, Prober.NEVER)]
        secrets = [line for line in self.run.told.wrong if line.startswith("a secret")]
        others = [line for line in self.run.told.wrong if not line.startswith("a secret")]
        return [promises.never_row("nobody is let in without a password", strangers),
                promises.never_row("no other site is obeyed", self.counted(CrossSite.name, CrossSite.OBEYED)),
                promises.never_row("no web file with a mistake is taken", self.counted(Prober.name, reload_attacks.OBEYED)),
                promises.never_row("the operator's reloads are taken", self.refused_reloads()),
                promises.never_row("no secret in log, pages and state", self.leaks() + secrets),
                promises.never_row(NOT_A_LINE, others),
                promises.never_row("nothing on stderr", self.run.fleet.daemon.errors().splitlines())]

    def leaks(self):
        """Where a secret stands that must not."""
        found = [f"{path} shows {secret}" for path, text in self.run.pages.items() for secret in SECRETS if secret in text]
        for path in self.run.fleet.folder.glob("state.db*"):
            text = path.read_bytes()
            found += [f"{path.name} has {secret}" for secret in SECRETS if secret.encode() in text]
        return found


def describe(run):
    """What was done, in text."""
    lines = []
    for name in run.only:
        counts = ", ".join(f"{what} {count}" for what, count in sorted(run.counts.get(name, {}).items()))
        lines.append(f"{name:16} {counts or 'a project of its own'}")
    first, last = (run.samples[0], run.samples[-1]) if len(run.samples) > 1 else ({"cpu": 0, "at": 0}, {"cpu": 0, "at": 1})
    core = 100 * (last["cpu"] - first["cpu"]) / (last["at"] - first["at"])
    theirs = 100 * run.effort / (run.ended - run.began)
    options = run.options
    lines += ["", f"{run.fleet.instances} instances of {min(100, options.tasks)} tasks every {options.interval} s, {run.ended - run.began:.0f} s, "
              f"seed {options.seed}, {'TLS and passwords' if options.web == 'tls' else 'passwords'}; {time.strftime('%Y-%m-%d')}",
              f"the daemon used {core:.0f} % of its core, those who attack its web server {theirs:.0f} % of another",
              f"it printed {run.told.lines} lines, the longest of {run.told.longest} bytes",
              f"the still server: {promises.in_ms([line['took'] for line in run.scraped('still')])}"]
    return "\n".join(lines)
