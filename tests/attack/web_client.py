"""Connections to the daemon's web server, as attackers make them."""

import asyncio
import base64
import socket
import ssl

BIND_WITHOUT_PORT = 24  # IP_BIND_ADDRESS_NO_PORT: the port is chosen when it connects


def head(method, target, authorization=None, *more):
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", *more]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Door:
    def __init__(self, given):
        self.port = given["port"]
        self.users = given["users"]
        self.context = ssl.create_default_context(cafile=given["ca"]) if given["ca"] else None

    def known(self, user):
        return basic(user, self.users[user])

    def half_hello(self):
        """The first half of what a TLS client says."""
        out = ssl.MemoryBIO()
        try:
            ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost").do_handshake()
        except ssl.SSLWantReadError:
            pass
        said = out.read()
        return said[:len(said) // 2]

    async def raw(self, source="127.0.0.1", receive_buffer=None):
        """A socket that is connected, nothing said."""
        connection = socket.socket()
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_IP, BIND_WITHOUT_PORT, 1)
            if receive_buffer:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            connection.bind((source, 0))
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port)), 5)
            return connection
        except BaseException:
            connection.close()
            raise

    async def stream(self, source="127.0.0.1", receive_buffer=None, plain=False, limit=65536):
        """(reader, writer), encrypted where the daemon is."""
        connection = await self.raw(source, receive_buffer)
        try:
            if plain or not self.context:
                return await asyncio.open_connection(sock=connection, limit=limit)
            return await asyncio.open_connection(sock=connection, ssl=self.context, server_hostname="127.0.0.1", limit=limit,
                                                 ssl_handshake_timeout=15)
        except BaseException:
            connection.close()
            raise


async def status_of(reader, patience=30):
    """Of the next answer, whose body is left unread; 0 where the connection ended."""
    try:
        said = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), patience)
    except asyncio.IncompleteReadError:
        return 0
    words = said.split(b" ", 2)
    return int(words[1]) if len(words) == 3 and words[1].isdigit() else 0


async def read_slowly(reader, size, pause, longest):
    """Until it is over, in pieces; whether the end was seen."""
    ends = asyncio.get_running_loop().time() + longest
    while asyncio.get_running_loop().time() < ends:
        if not await reader.read(size):
            return True
        await asyncio.sleep(pause)
    return False
