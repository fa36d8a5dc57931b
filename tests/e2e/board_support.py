"""Queries of the shipped boards, as Grafana would send them."""

import sys

from prometheus_support import WithPrometheus
from support import ROOT

sys.path.insert(0, str(ROOT / "tests/dashboards"))

import board_files  # noqa: E402
import scene  # noqa: E402, F401


class WithBoards(WithPrometheus):
    @classmethod
    def setUpClass(cls):
        cls.boards = board_files.boards()

    def filled(self, expr, **chosen):
        return board_files.filled(expr, {**board_files.ANY, "window": "2", "__rate_interval": "4s", "__range": "30s", **chosen})

    def target(self, board, title, ref="A", **chosen):
        """A query of a panel, ready to be asked."""
        found = dict(board_files.expressions(self.boards[board]))
        return self.filled(found[f"{title}: {ref}"], **chosen)

    def queries(self, tasks):
        """((board, where), every form of it): one for each of the tasks where a query is about one."""
        for name, board in self.boards.items():
            for where, expr in board_files.expressions(board):
                chosen = tasks if "$task" in expr else tasks[:1]
                yield (name, where), [self.filled(expr, task=task) for task in chosen]

    def ranged(self, expr):
        """As a graph asks: the series of the last seconds."""
        now = float(self.ask_for("query", query="time()")["result"][1])
        return self.ask_for("query_range", query=expr, start=now - 10, end=now, step=1)["result"]
