"""Story 5: TLS 1.2 only, ECDHE on P-256 with an RSA-2048 certificate and AES-128-GCM/SHA-256, the certificate given as
DER: `curl -v --insecure` gets its page; ClientHello and application data split at every byte boundary and coalesced in
every way still work."""
import socket
import ssl
import time

from shell import PATIENCE, Story, main

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Tls12Only(Story):
    def setUp(self):
        super().setUp()
        self.run_line("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -keyout key.pem -outform DER "
                      "-addext subjectAltName=DNS:localhost -out cert.der")
        self.server = self.serve("--text 'Old but gold' --tls 1.2 --groups P-256 "
                                 "--suites TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 --cert cert.der --key key.pem")

    def test_curl(self):
        got = self.run_line(f"curl -v --insecure {self.server.url}")
        self.assertEqual(got.out, "Old but gold\n")
        self.assertRegex(got.err, r"TLSv1\.2 / ECDHE-RSA-AES128-GCM-SHA256")
        self.assertIn("HTTP/1.1 200 OK", got.err)

    def test_exactly_as_the_story_says(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", 4433))
            except OSError:
                self.skipTest("another program listens on port 4433")
        self.start("bulla serve --text 'Old but gold' --listen localhost:4433 --tls 1.2 --cert cert.der --key key.pem",
                   "Ctrl-C stops it")
        self.assertEqual(self.run_line("curl -v --insecure https://localhost:4433").out, "Old but gold\n")

    def test_our_client(self):
        got = self.run_line(f"bulla get -v --ca cert.der {self.server.url}")
        self.assertEqual(got.out, "Old but gold\n")
        self.assertRegex(got.err, r"TLS 1\.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, secp256r1")

    def test_a_client_of_tls13_only_is_refused_with_a_reason(self):
        got = self.run_line(f"bulla get --tls 1.3 --ca cert.der {self.server.url}", status=1)
        self.assertIn("protocol_version", got.err)

    # ---- every way to cut the bytes ---------------------------------------------------------------------------

    def client(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        return context.wrap_bio(incoming, outgoing, server_hostname="localhost"), incoming, outgoing

    def connect(self):
        sock = socket.create_connection(("localhost", int(self.server.port)), PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    @staticmethod
    def send_in(sock, data, cuts):
        """Sends `data` with a pause at each cut, so that the pieces arrive one by one."""
        at = 0
        for cut in [*cuts, len(data)]:
            sock.sendall(data[at:cut])
            at = cut
            if cut != len(data):
                time.sleep(0.001)

    def page(self, cut_hello=(), cut_flight=(), cut_request=()):
        """A whole connection whose three flights are cut at the given places; what the page says."""
        tls, incoming, outgoing = self.client()
        with self.connect() as sock:
            for cuts in (cut_hello, cut_flight):
                try:
                    tls.do_handshake()
                except ssl.SSLWantReadError:
                    pass
                self.send_in(sock, outgoing.read(), cuts)
                while not self.handshake_goes_on(tls, incoming, outgoing, sock):
                    pass
            tls.write(REQUEST)
            self.send_in(sock, outgoing.read(), cut_request)
            return self.read_page(tls, incoming, sock)

    @staticmethod
    def handshake_goes_on(tls, incoming, outgoing, sock):
        """Reads until the client has something to send, or is done."""
        incoming.write(sock.recv(65536))
        try:
            tls.do_handshake()
            return True
        except ssl.SSLWantReadError:
            return outgoing.pending > 0

    @staticmethod
    def read_page(tls, incoming, sock):
        page = b""
        while True:
            try:
                data = tls.read(65536)
                if not data:
                    return page
                page += data
            except ssl.SSLWantReadError:
                received = sock.recv(65536)
                if not received:
                    return page
                incoming.write(received)
            except ssl.SSLZeroReturnError:
                return page

    def flight_sizes(self):
        """Bytes of ClientHello, of the client's second flight, and of the request's record."""
        tls, incoming, outgoing = self.client()
        sizes = []
        with self.connect() as sock:
            for _ in range(2):
                try:
                    tls.do_handshake()
                except ssl.SSLWantReadError:
                    pass
                data = outgoing.read()
                sizes.append(len(data))
                sock.sendall(data)
                while not self.handshake_goes_on(tls, incoming, outgoing, sock):
                    pass
            tls.write(REQUEST)
            sizes.append(len(outgoing.read()))
        return sizes

    def assert_page(self, **cuts):
        page = self.page(**cuts)
        self.assertTrue(page.endswith(b"\r\n\r\nOld but gold\n"), (cuts, page))

    def test_hello_cut_at_every_byte(self):
        for cut in range(1, self.flight_sizes()[0]):
            self.assert_page(cut_hello=[cut])

    def test_second_flight_cut_at_every_byte(self):
        for cut in range(1, self.flight_sizes()[1]):
            self.assert_page(cut_flight=[cut])

    def test_request_cut_at_every_byte(self):
        for cut in range(1, self.flight_sizes()[2]):
            self.assert_page(cut_request=[cut])

    def test_every_byte_alone(self):
        hello, flight, request = self.flight_sizes()
        self.assert_page(cut_hello=range(1, hello), cut_flight=range(1, flight), cut_request=range(1, request))

    def test_many_requests_in_one_record_and_many_records_in_one_packet(self):
        keep = REQUEST.replace(b"Connection: close\r\n", b"")
        for pieces in ([keep * 5 + REQUEST], [keep] * 5 + [REQUEST], [bytes([b]) for b in keep * 5 + REQUEST]):
            tls, incoming, outgoing = self.client()
            with self.connect() as sock:
                for _ in range(2):
                    try:
                        tls.do_handshake()
                    except ssl.SSLWantReadError:
                        pass
                    sock.sendall(outgoing.read())
                    while not self.handshake_goes_on(tls, incoming, outgoing, sock):
                        pass
                for piece in pieces:
                    tls.write(piece)
                sock.sendall(outgoing.read())
                self.assertEqual(self.read_page(tls, incoming, sock).count(b"Old but gold\n"), 6)


if __name__ == "__main__":
    main()
