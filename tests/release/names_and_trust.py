"""A DNS server and a TLS front on loopback, for a daemon in a root of its own."""

import http.client
import http.server
import socket
import ssl
import struct
import subprocess
import threading


class NameServer:
    """Answers A for the names it knows with 127.0.0.1, for all others that there is no such name. Listens on 127.0.0.53, port 53."""

    ADDRESS = "127.0.0.53"

    def __init__(self, *names):
        self.names = set(names)
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.ADDRESS, 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                query, sender = self.socket.recvfrom(2048)
            except OSError:
                return
            end, labels = 12, []
            while query[end]:
                labels.append(query[end + 1:end + 1 + query[end]].decode())
                end += 1 + query[end]
            name, (kind,) = ".".join(labels), struct.unpack("!H", query[end + 1:end + 3])
            self.asked.append(name)
            known = name in self.names
            answers = 1 if known and kind == 1 else 0
            reply = query[:2] + struct.pack("!HHHHH", 0x8180 | (0 if known else 3), 1, answers, 0, 0) + query[12:end + 5]
            if answers:
                reply += b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton("127.0.0.1")
            self.socket.sendto(reply, sender)

    def close(self):
        self.socket.close()


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # clients that do not trust it end the handshake, and stopped ones the connection


class TlsFront:
    """TLS in front of a plain server, with a certificate of an authority of its own: `authority` is the path of that one's."""

    def __init__(self, folder, name, behind):
        self.authority = folder / "authority.pem"

        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "authority.key", "-days", "1",
                "-subj", "/CN=release authority", "-out", "authority.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "front.key", "-CA", "authority.pem",
                "-CAkey", "authority.key", "-days", "1", "-subj", "/CN=front", "-addext", f"subjectAltName=DNS:{name}", "-out", "front.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "front.pem", folder / "front.key")
        self.server = Server(("127.0.0.1", 0), self.handler(behind))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def handler(behind):
        class Forward(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                back = http.client.HTTPConnection(*behind, timeout=10)
                back.request("GET", self.path, headers={name: value for name, value in self.headers.items() if name.lower() != "connection"})
                answer = back.getresponse()
                body = answer.read()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                back.close()

            def log_message(self, *_):
                pass

        return Forward

    def close(self):
        self.server.shutdown()
        self.server.server_close()
