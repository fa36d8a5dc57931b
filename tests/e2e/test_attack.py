"""script/attack in short: all attacks at once against 1,000 tasks; and checks of its audit, which has to find what it is there for."""

import pathlib
import sys
import tempfile
import unittest

from support import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tests/attack"))

import attack  # noqa: E402
import changes  # noqa: E402
import promises  # noqa: E402


class Attack(unittest.TestCase):
    maxDiff = None

    def test_nobody_who_is_good_notices(self):
        said = []
        rows = attack.run(attack.parse(["--minutes=0.5", "--tasks=1000", "--interval=5", f"--build={BUILD}"]), said.append)
        broken = [f"{row.promise}: {row.figure}" for row in rows if not row.kept and not row.timing]
        self.assertEqual(broken, [], "\n".join(said))
        for name, at_least in (("heavy-answers", "answered 200"), ("wrong-passwords", "answered 401"), ("web-file", "answered 401"),
                               ("crowd", "answered 400"), ("holders", "closed by the daemon"), ("signals", "SIGHUP")):
            self.assertRegex("\n".join(said), rf"(?m)^{name} .*{at_least}", "it was attacked")


MADE = [(100.0, "i", "t", "paused"), (140.0, "i", "t", "full"), (141.0, "i", "u", "wait")]
TOLD = [(104.0, "i", "t", "incremental", "paused"), (143.0, "i", "t", "paused", "full"), (144.0, "i", "u", "incremental", "wait")]


class Events(unittest.TestCase):
    def test_finds_nothing_where_nothing_is_wrong(self):
        self.assertEqual(changes.audit(MADE, TOLD), [])
        self.assertEqual(changes.audit_numbers([1, 2, 3], [1, 2, 3]), [])
        self.assertEqual(changes.delays(MADE, TOLD), [3.0, 3.0, 4.0])

    def test_finds_events_that_are_wrong(self):
        for told in (TOLD[1:], TOLD[:2], [TOLD[0], *TOLD], [TOLD[1], TOLD[0], TOLD[2]], [*TOLD, (145.0, "i", "v", "incremental", "full")]):
            self.assertEqual(len(changes.audit(MADE, told)), 1, told)

    def test_finds_numbers_that_are_wrong(self):
        for printed, stored, said in (([1, 3], [1, 2, 3], "stored, not printed: 1, such as [2]"),
                                      ([1, 2], [1], "printed, not stored: 1, such as [2]"),
                                      ([1, 2, 2], [1, 2], "printed twice or out of order: [2]"),
                                      ([1, 2], [2, 1], "stored twice or out of order: [1]")):
            self.assertEqual(changes.audit_numbers(printed, stored), [said])

    def test_finds_lines_that_are_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "log"
            path.write_text('{"event":"started"}\nno JSON\n{"msg":"the-secret"}\n{"msg":"' + "x" * 17000 + '"}\n{"event":"half')
            told = changes.Told(path, ["the-secret"])
            told.read()
            with path.open("a") as more:
                more.write(' a line","event_id":7}\n')
            told.read()
            told.close()
        self.assertEqual([line.split(":")[0] for line in told.wrong], ["no JSON", "a secret", "a line of 17011 bytes"])
        self.assertEqual((told.lines, told.numbered), (5, [7]))


def scraped(at, took, status=200, **more):
    return {"path": "/metrics", "at": at, "took": took, "status": status, **more}


def metrics(success, skipped=0, timeout=0, project="honest"):
    labels = f'project="{project}",starrocks_instance="i"'
    return (f'replmond_polls_total{{{labels},result="success"}} {success}\nreplmond_polls_total{{{labels},result="timeout"}} {timeout}\n'
            f'replmond_polls_skipped_total{{{labels}}} {skipped}\n')


class Promises(unittest.TestCase):
    def kept(self, rows):
        return [row.kept for row in rows]

    def test_scrapes(self):
        still = [scraped(1.0, 0.001), scraped(1.5, 0.15)]
        slow, failed = promises.scrape_rows([scraped(0.0, 0.1), scraped(0.1, 0.3)], still)[:2]
        self.assertEqual((slow.kept, failed.kept), (False, True))
        self.assertTrue(slow.figure.startswith("1 of 2 (0 more while the machine stood still); p50 300, p99 300, max 300 ms"))
        for excused in (scraped(1.6, 0.3), scraped(0.1, 0.3, others=0.15)):
            self.assertTrue(promises.scrape_rows([excused], still)[0].kept, excused)
        for failure in (scraped(0, 0.1, 503), scraped(0, 10, 0, error="TimeoutError")):
            self.assertFalse(promises.scrape_rows([failure], still)[1].kept)
        self.assertEqual(self.kept(promises.scrape_rows([], still)), [False] * 4, "who asked nothing knows nothing")

    def test_polls(self):
        for after, kept in ((metrics(13), [True, True, True]), (metrics(14), [True, True, True]), (metrics(12, skipped=1), [False, True, True]),
                            (metrics(13, timeout=1), [True, False, True]), (metrics(10), [True, True, False]), (metrics(20), [True, True, False])):
            self.assertEqual(self.kept(promises.poll_rows(metrics(10), after, (29, 31), 10, 1)), kept)
        self.assertEqual(self.kept(promises.poll_rows(metrics(10), "", (29, 31), 10, 1)), [False])
        self.assertFalse(promises.poll_rows(metrics(10), metrics(13), (29, 31), 10, 2)[2].kept, "one instance of two")
        side = lambda **counts: metrics(project="side", **counts)
        for after, kept in ((side(success=5), True), (side(success=5, timeout=1), False), (side(success=1), False), ("", False)):
            self.assertEqual(promises.side_row(side(success=1), after).kept, kept)

    def test_memory(self):
        growing = lambda step: [{"at": n, "rss": 100 + step * n} for n in range(100)]
        self.assertTrue(promises.memory_row(growing(0.05)).kept)
        self.assertFalse(promises.memory_row(growing(0.2)).kept)
        late = [{"at": n, "rss": 40 if n < 5 else 100} for n in range(100)]
        self.assertTrue(promises.memory_row(late).kept, "the warm-up does not count")
        self.assertFalse(promises.most_memory_row(late, 100).kept)

    def test_what_is_left(self):
        begin = {"fds": 20, "threads": 3}
        for end, kept in (({"fds": 36, "threads": 3}, [True, True]), ({"fds": 40, "threads": 3}, [False, True]),
                          ({"fds": 20, "threads": 6}, [True, False]), (None, [False, False])):
            self.assertEqual(self.kept(promises.resource_rows(begin, end)), kept)

    def test_the_end(self):
        self.assertEqual(self.kept(promises.stop_row(0.2, 0)), [True, True])
        self.assertEqual(self.kept(promises.stop_row(4.0, 1)), [False, False])
        self.assertFalse(promises.never_row("never", ["it was"]).kept)


if __name__ == "__main__":
    unittest.main()
