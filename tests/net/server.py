# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers on 127.0.0.1 for tests of what fetches: certificates by openssl(1), a page for each way to fail."""
import http.server
import ssl
import subprocess
import threading
import time

BODY = b"what was asked for\n" * 1000


def openssl(*words, **more):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


def authority(folder, name):
    """NAME.pem and NAME.key in the folder: a CA of its own."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", "/CN=" + name, "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem")


def leaf(folder, name, by, alternative):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
            "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr")
    with open(f"{folder}/{name}.ext", "w") as file:
        file.write("subjectAltName=" + alternative + "\n")
    openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/{by}.pem", "-CAkey", f"{folder}/{by}.key",
            "-CAcreateserial", "-days", "20", "-extfile", f"{folder}/{name}.ext", "-out", f"{folder}/{name}.pem")


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served = {}    # path: bytes, besides those below
    elsewhere = "" # where /plain sends to
    agent = None

    def log_message(self, *words):
        pass

    def whole(self, body, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_to(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        Pages.agent = self.headers.get("User-Agent")
        self.close_connection = True
        try:
            self.page()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass

    def page(self):
        path = self.path
        if path in self.served:
            self.whole(self.served[path])
        elif path == "/good":
            self.whole(BODY)
        elif path == "/once":
            self.send_to("/good")
        elif path == "/round":
            self.send_to("/round")
        elif path == "/plain":
            self.send_to(self.elsewhere)
        elif path == "/file":
            self.send_to("file:///etc/passwd")
        elif path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(BODY)
        elif path == "/promised":
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
        elif path == "/endless":
            self.send_response(200)
            self.end_headers()
            until = time.time() + 20
            while time.time() < until:
                self.wfile.write(b"x" * 65536)
        elif path == "/slow":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            until = time.time() + 20
            while time.time() < until:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        else:
            self.whole(b"a page that says no\n", 404)


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *words):
        pass


def serve(folder=None, name=None):
    """A server for the rest of the process, with TLS if it has a certificate; its port."""
    server = Quiet(("127.0.0.1", 0), Pages)
    if name:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
