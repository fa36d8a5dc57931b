#!/usr/bin/env python3
"""Attacks on the daemon's web server, all in one process: each a class with a bounded number of connections and a bounded rate."""

import asyncio
import collections
import pathlib
import random
import ssl

import process
from web_client import Door, basic, head, read_slowly, status_of

CORPUS = pathlib.Path(__file__).resolve().parents[1] / "fuzz/corpus"
STRANGERS = [f"127.0.0.{n}" for n in range(2, 10)]  # whom the scraper's address is not among
BROKEN_OFF = (OSError, ssl.SSLError, asyncio.TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class Attack:
    """`crew` members take turns, `rate` of them a second together; a turn lasts at most `longest` seconds."""

    crew, rate, longest = 1, 1.0, 30
    first_at_once = False

    def __init__(self, given, door):
        self.given, self.door = given, door
        self.dice = random.Random(f"{given['seed']}/{self.name}")
        self.counts = collections.Counter()
        self.next = 0.0

    async def run(self):
        await asyncio.gather(*(self.member(number) for number in range(self.crew)))

    async def my_turn(self):
        """Paces all members together, at times that the seed decides."""
        now = asyncio.get_running_loop().time()
        self.next = max(self.next, now) + self.dice.uniform(0.3, 1.7) / self.rate
        await asyncio.sleep(self.next - now)

    async def member(self, number):
        at_once = self.first_at_once
        while True:
            if not at_once:
                await self.my_turn()
            at_once = False
            try:
                await asyncio.wait_for(self.turn(number), self.longest)
            except BROKEN_OFF:
                self.counts["broken off"] += 1

    def source(self):
        return self.dice.choice(STRANGERS)

    def insider(self):
        """Somebody with a password of their own: a dashboard that went wrong, say."""
        return self.door.known("insider")

    async def ask(self, request, plain=False, source=None):
        """Status of one request on a connection of its own; 0 for none."""
        reader, writer = await self.door.stream(source or self.source(), plain=plain)
        try:
            writer.write(request)
            return await status_of(reader)
        finally:
            writer.transport.abort()

    def count(self, status):
        self.counts[f"answered {status}" if status else "closed"] += 1


class Crowd(Attack):
    """Requests with passwords in parallel from the first moment on; malformed and oversized ones."""

    name, crew, rate, longest = "crowd", 16, 20.0, 20
    first_at_once = True

    def __init__(self, given, door):
        super().__init__(given, door)
        self.heads = [path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for path in sorted((CORPUS / "request_head").iterdir())]
        for path in sorted((CORPUS / "web").iterdir()):
            target, *rest = path.read_bytes().split(b"\n\n")[0].split(b"\n")
            line = target if target.startswith((b"HEAD", b"POST")) else b"GET " + target
            self.heads.append(b"\r\n".join([line + b" HTTP/1.1", b"Host: 127.0.0.1", *rest]) + b"\r\n\r\n")
        self.heads += [b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 17000 + b"\r\n\r\n",
                       b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 101 + b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                       b"POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
                       b"GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
                       b"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", b"\r\n\r\n\r\n", b"\x00" * 3000]

    def request(self):
        """Never a reload by somebody who may ask for one: it would take what the web file happens to be."""
        said = self.dice.choice(self.heads)
        if b"/-/reload" not in said and self.dice.random() < 0.5:
            said = said.replace(b"\r\nHost", b"\r\nAuthorization: " + self.insider().encode() + b"\r\nHost", 1)
        if self.dice.random() < 0.5:
            said = bytearray(said)
            for _ in range(self.dice.randint(1, 3)):
                said[self.dice.randrange(len(said))] = self.dice.randrange(256)
        return bytes(said)

    async def turn(self, number):
        self.count(await self.ask(self.request()))


class HalfSaid(Attack):
    """Half a ClientHello, half a request, an answer that is read byte by byte: all held open."""

    name, crew, rate, longest = "half-said", 60, 6.0, 60

    async def turn(self, number):
        if number % 3 == 0:
            await self.half_hello()
        elif number % 3 == 1:
            await self.half_request()
        else:
            await self.slow_reader()

    async def half_hello(self):
        connection = await self.door.raw(self.source())
        try:
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(connection, self.door.half_hello())
            while await loop.sock_recv(connection, 4096):
                pass
            self.counts["half a hello, closed"] += 1
        finally:
            connection.close()

    async def half_request(self):
        reader, writer = await self.door.stream(self.source())
        try:
            for byte in head("GET", "/metrics", self.insider()):
                writer.write(bytes([byte]))
                await asyncio.sleep(self.dice.uniform(0.2, 1.0))
                if reader.at_eof():
                    break
            self.counts["half a request, closed"] += 1
        finally:
            writer.transport.abort()

    async def slow_reader(self):
        target = self.dice.choice(["/metrics", "/metrics", "/api/v1/tasks", "/"])
        reader, writer = await self.door.stream(self.source(), receive_buffer=4096, limit=1024)
        try:
            writer.write(head("GET", target, self.insider(), "Connection: close"))
            await read_slowly(reader, 512, 0.5, self.dice.uniform(5, 40))
            self.counts["read slowly"] += 1
        finally:
            writer.transport.abort()


class HeavyAnswers(Attack):
    """64 kept connections that send HEAD of what is costly (1 KB/s in all), others that get it with ever other filters, or ask for
    sixteen answers at once and read them slowly."""

    name, crew, rate, longest = "heavy-answers", 80, 12.0, 60
    HEADS = 64

    def __init__(self, given, door):
        super().__init__(given, door)
        self.kept = {}

    def target(self):
        name = f"honest-{self.dice.randint(1, 100):04}"
        return self.dice.choice(["/api/v1/tasks", "/api/v1/tasks", f"/api/v1/tasks?instance={name}", "/api/v1/tasks?status=yes",
                                 "/api/v1/tasks?stage=paused", "/api/v1/tasks?sort=name", f"/api/v1/tasks?search=task_0{self.dice.randint(0, 9)}",
                                 "/api/v1/events?limit=1000",
                                 f"/api/v1/events?limit=1000&instance={name}", "/api/v1/instances", "/api/v1/summary", "/", "/?sort=name",
                                 f"/?search={self.dice.randint(0, 99)}", "/?limit=1000", "/config", "/metrics"])

    async def turn(self, number):
        if number >= self.HEADS:
            return await self.read(number)
        reader, writer = self.kept.pop(number, None) or await self.door.stream(self.source())
        try:
            writer.write(head("HEAD", "/api/v1/tasks" if self.dice.random() < 0.8 else self.target(), self.insider()))
            status = await status_of(reader)
            self.count(status)
            if status:
                self.kept[number] = reader, writer
        finally:
            if number not in self.kept:
                writer.transport.abort()

    async def read(self, number):
        """Every second one sends many requests at once."""
        reader, writer = await self.door.stream(self.source(), receive_buffer=8192, limit=4096)
        try:
            for _ in range(16 if number % 2 else 1):
                writer.write(head("GET", self.target(), self.insider()))
            whole = await read_slowly(reader, 4096, 0.05, self.dice.uniform(1, 12))
            self.counts["read to the end" if whole else "left while reading"] += 1
        finally:
            writer.transport.abort()


class Prober(Attack):
    """Asks for pages without a password while the web file is rewritten: in the clear, encrypted, on connections old and new."""

    name, crew, rate, longest = "web-file", 4, 60.0, 30
    NEVER = "UNAUTHENTICATED 200"

    async def turn(self, number):
        """A connection is good for some requests: one that is kept must not stay open to strangers either."""
        plain = number % 2 == 0
        reader, writer = await self.door.stream(self.source(), plain=plain)
        try:
            for _ in range(self.dice.choice([1, 1, 20])):
                target = self.dice.choice(["/config", "/metrics", "/", "/api/v1/tasks"])
                writer.write(head("HEAD", target))
                status = await status_of(reader)
                self.count(status)
                if status == 200:
                    self.counts[self.NEVER] += 1
                    self.counts[f"{self.NEVER}: {target}, {'in the clear' if plain else 'as the daemon wants it'}"] += 1
                if status not in (200, 401):
                    break
                await self.my_turn()
        finally:
            writer.transport.abort()


class WrongPasswords(Attack):
    """Wrong passwords of users that exist and of others, from eight addresses."""

    name, crew, rate, longest = "wrong-passwords", 40, 60.0, 40

    async def turn(self, number):
        user = self.dice.choice([*self.door.users, "root", "admin", f"user{self.dice.randrange(10 ** 9)}"])
        request = head("GET", "/metrics", basic(user, f"guess{self.dice.randrange(10 ** 12)}"))
        status = await self.ask(request)
        self.count(status)
        if status == 200:
            self.counts[Prober.NEVER] += 1


class CrossSite(Attack):
    """What a page of another site has a browser do that knows the password; and names that are made to point here."""

    name, crew, rate = "cross-site", 2, 4.0
    OBEYED = "OBEYED ANOTHER SITE"

    async def turn(self, number):
        foreign = self.given["foreign"]
        reload = [["Origin: http://evil.example"], ["Origin: null"], ["Sec-Fetch-Site: cross-site"],
                  ["Sec-Fetch-Site: same-site", f"Origin: http://{foreign}"],
                  ["Origin: http://evil.example", "Content-Type: text/plain", "Content-Length: 0"]]
        if self.given["guarded"] and self.dice.random() < 0.5:
            target = self.dice.choice(["/config", "/", "/api/v1/tasks", "/api/v1/events"])
            request = head("HEAD", target, self.insider()).replace(b"Host: 127.0.0.1", f"Host: {foreign}".encode())
        else:
            request = head("POST", "/-/reload", self.insider(), *self.dice.choice(reload))
        status = await self.ask(request)
        self.count(status)
        if status == 200:
            self.counts[self.OBEYED] += 1


class Holders(Attack):
    """512 connections that hold on: most say nothing, some have asked once and stay."""

    name, crew, rate, longest = "holders", 512, 40.0, 200

    async def turn(self, number):
        if number % 4:
            connection = await self.door.raw(self.source())
            try:
                await asyncio.get_running_loop().sock_recv(connection, 1)
            finally:
                connection.close()
        else:
            reader, writer = await self.door.stream(self.source())
            try:
                writer.write(head("GET", "/-/healthy", self.insider()))
                await status_of(reader)
                while await reader.read(4096):
                    pass
            finally:
                writer.transport.abort()
        self.counts["closed by the daemon"] += 1


ATTACKS = (Crowd, HalfSaid, HeavyAnswers, Prober, WrongPasswords, CrossSite, Holders)


async def report(path, attacks):
    while True:
        process.write(path, {attack.name: dict(attack.counts) for attack in attacks})
        await asyncio.sleep(1)


async def main():
    given = process.settings()
    process.allow_descriptors(4096)
    attacks = [kind(given, Door(given)) for kind in ATTACKS if kind.name in given["only"]]
    await asyncio.gather(report(given["report"], attacks), *(attack.run() for attack in attacks))


if __name__ == "__main__":
    asyncio.run(main())
