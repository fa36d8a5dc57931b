#!/usr/bin/env python3
"""A cloud that means no good: it hangs, lies, exaggerates, and sends back what it was told in confidence.

Projects are told apart by their id: one never answers, one is honest but has its key from a metadata service that repeats a key
until long after its end, and one answers with whatever hurts. Everything is bounded: the length of an answer, its time, the number
of connections.
"""

import asyncio
import base64
import datetime
import json
import random
import re

import process
from fleet_names import HANG, KEY, KEY_SECRETS

MOST_CONNECTIONS = 200
MOST_BYTES = 12 << 20  # of an answer without an end: the daemon reads 8 MiB
KEY_LIFE, KEY_REPEATED = 8, 25  # seconds: from then on, until then, the key that is handed out has ended
LIST = re.compile(r"/v3/(\w+)/instances/(\w+)/starrocks/databases/replication(/configuration)?")


def large(dice, size):
    """Text that nobody sent before."""
    return base64.b64encode(dice.randbytes(size * 3 // 4)).decode()


def record(name, **more):
    return {"source_database": "s", "target_database": "t", "task_name": name, "status": "Yes", "stage": "incremental",
            "percentage": "100", "is_main_task": "true", "is_need_repair": "false", **more}


def answered(records, **more):
    return json.dumps({"total_count": len(records), "replications": records, **more}).encode()


class Answers:
    """Bodies of a list; each is asked for with the dice only, some with the request's headers as well."""

    def __init__(self, dice):
        self.dice = dice

    def huge_names(self):
        return answered([record(large(self.dice, 1_000_000)) for _ in range(7)])

    def huge_databases(self):
        return answered([record(f"t{n}", source_database=large(self.dice, 1_000_000), target_database=large(self.dice, 500_000)) for n in range(4)])

    def long_names(self):
        """Of a length that is allowed, and always the same ones: they come and go."""
        return answered([record(f"{n:03}" + "字" * 160) for n in self.dice.sample(range(60), 20)])

    def absurd_numbers(self):
        text = answered([record(f"t{n}", percentage="PLACE", catchup_stage="full", catchup_percentage="PLACE") for n in range(20)]).decode()
        return text.replace('"PLACE"', self.dice.choice(["1e99999999999999999999", "-1e-99999999999999999999", "1e308", "9" * 5000])).encode()

    def half_surrogates(self):
        text = answered([record(f"HALF{n}", source_database="HALF", stage="HALF") for n in range(20)]).decode()
        return text.replace("HALF", self.dice.choice(["\\ud800", "\\udc00", "\\udfff\\ud800", "\\ud83d"])).encode()

    def deep(self):
        return b'{"total_count":1,"replications":' + b'[{"a":' * 50_000

    def new_words(self):
        """Stages and statuses that were never seen before, some very long."""
        size = self.dice.choice([10, 300, 200_000])
        return answered([record(f"t{n}", stage=large(self.dice, size), status=large(self.dice, size), percentage=large(self.dice, size))
                         for n in range(20)])

    def note(self):
        return answered([record("t0")], ext_text=large(self.dice, 1_000_000) + "\n time=now level=ERROR event=forged\n")

    def lying_count(self):
        text = answered([record(f"t{n}") for n in range(5)]).decode()
        return text.replace(": 5,", ": " + self.dice.choice(["1e308", "-1", '"99999999999999999999"', "4294967296"]) + ",", 1).encode()

    def pages_without_end(self):
        return answered([record(large(self.dice, 300)) for _ in range(100)]).replace(b": 100,", b": 100000,", 1)

    def honest(self):
        return answered([record(f"t{n}") for n in range(20)])


class HostileCloud:
    BODIES = ("huge_names", "huge_databases", "long_names", "absurd_numbers", "half_surrogates", "deep", "new_words", "note", "lying_count",
              "pages_without_end", "honest")
    MANNERS = ("endless_body", "endless_header", "echo", "echo", "loud", "trickle")

    def __init__(self, seed):
        self.dice = random.Random(f"{seed}/hostile-cloud")
        self.answers = Answers(self.dice)
        self.open = 0

    async def serve(self, reader, writer):
        self.open += 1
        try:
            while self.open <= MOST_CONNECTIONS:
                head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 150)).decode("latin-1")
                if not await self.answer(head, reader, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError):
            pass  # it left
        finally:
            self.open -= 1
            writer.transport.abort()

    async def answer(self, head, reader, writer):
        """Whether the connection goes on."""
        target = head.split(" ", 2)[1]
        if target.startswith("/meta-data/latest/api/token"):
            return await self.send(writer, 200, b"attack-metadata-token")
        if target.startswith("/openstack/latest/securitykey"):
            return await self.send(writer, 200, self.key())
        found = LIST.match(target)
        if not found:
            return await self.send(writer, 404, b"{}")
        if found.group(1) == HANG:
            await asyncio.wait_for(reader.read(1), 150)
            return False
        if found.group(1) == KEY:
            return await self.send(writer, 200, self.answers.honest())
        return await self.hurt(head, writer)

    def key(self):
        """The same one until long after it has ended."""
        now = datetime.datetime.now(datetime.timezone.utc).timestamp()
        number = int(now // KEY_REPEATED)
        ends = datetime.datetime.fromtimestamp(number * KEY_REPEATED + KEY_LIFE, datetime.timezone.utc)
        return json.dumps({"credential": {"access": f"ATTACK{number}", "secret": KEY_SECRETS[0], "securitytoken": KEY_SECRETS[1],
                                          "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}}).encode()

    async def hurt(self, head, writer):
        manner = self.dice.choice(self.BODIES + self.MANNERS)
        if manner in self.BODIES:
            return await self.send(writer, 200, getattr(self.answers, manner)())
        return await getattr(self, manner)(head, writer)

    @staticmethod
    async def send(writer, status, body, headers=()):
        lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        await asyncio.wait_for(writer.drain(), 30)
        return True

    async def endless_body(self, _, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b'10000\r\n{"total_count":1,' + b" " * (0x10000 - 17) + b"\r\n"
        return await self.pour(writer, piece)

    async def endless_header(self, _, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        return await self.pour(writer, b"X-Long: " + b"x" * 8000 + b"\r\n")

    @staticmethod
    async def pour(writer, piece):
        for _ in range(MOST_BYTES // len(piece)):
            writer.write(piece)
            await asyncio.wait_for(writer.drain(), 30)
        return False

    async def echo(self, head, writer):
        """All that the request had, its token among it, wherever an answer has room."""
        token = re.search(r"(?i)\r\nx-auth-token: ?(\S+)", head)
        token = token.group(1) if token else "none"
        said = self.dice.choice([token, f"refused: {token}!", head, head.replace("\r\n", " ")])
        body = json.dumps({"error_code": token, "error_msg": said}).encode()
        headers = [f"X-Request-Id: {token}", f"Server: {token}", f"Location: http://127.0.0.1/{token}"]
        return await self.send(writer, self.dice.choice([302, 400, 403, 404, 500]), body, headers)

    async def loud(self, _, writer):
        body = json.dumps({"error_code": large(self.dice, 50_000), "error_msg": "\n\u0000\u202e" + large(self.dice, 500_000)}).encode()
        return await self.send(writer, 400, body, [f"X-Request-Id: {large(self.dice, 30_000)}"])

    @staticmethod
    async def trickle(_, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(200):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.1)
        return False


async def main():
    given = process.settings()
    process.allow_descriptors(1024)
    cloud = HostileCloud(given["seed"])
    server = await asyncio.start_server(cloud.serve, "127.0.0.1", 0)
    print("listening on http://127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
