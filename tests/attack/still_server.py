#!/usr/bin/env python3
"""Serves always the same bytes, on the daemon's core: what takes long here takes long because of the machine."""

import socketserver
import ssl

import process


class Answer(socketserver.BaseRequestHandler):
    def handle(self):
        said = b""
        while piece := self.request.recv(65536):
            said += piece
            while b"\r\n\r\n" in said:
                said = said.split(b"\r\n\r\n", 1)[1]
                self.request.sendall(self.server.answer)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    context = None

    def get_request(self):
        connection, address = super().get_request()
        return (self.context.wrap_socket(connection, server_side=True) if self.context else connection), address

    def handle_error(self, request, client_address):
        pass  # the scraper left


def main():
    given = process.settings()
    process.allow_descriptors(256)
    with Server(("127.0.0.1", 0), Answer) as server:
        if given["ca"]:
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(given["ca"], given["key"])
        server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % given["size"] + b"\x5a" * given["size"]
        print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
