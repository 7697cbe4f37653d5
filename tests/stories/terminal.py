"""What a person at a terminal sees and types: prompts without echo, colour, a progress bar, Ctrl-C."""
import os
import signal
import socket
import ssl
import threading
import unittest

from shell import Story

RED = r"\x1b\[1;31m"


class Passphrase(Story):
    def setUp(self):
        super().setUp()
        self.env["XDG_DATA_HOME"] = str(self.folder / ".data")  # the folder is served
        self.write("secret.txt", "correct horse\n")
        self.run_line("bulla cert new localhost --passphrase-file secret.txt")
        self.serve_line = "bulla serve --listen localhost:0 --cert localhost.pem --key localhost-key.pem"

    def ask(self, *answers, line=None):
        """The exit status and what was shown; what was typed must not be shown, and the echo must be back."""
        status, shown = self.on_terminal(line or self.serve_line, answers)
        self.assertNotIn("horse", shown)
        self.assertTrue(self.echo, "the terminal was left without echo")
        return status, shown

    def test_right(self):
        status, shown = self.ask(("Passphrase of localhost-key.pem: ", "correct horse\n"), ("Ctrl-C stops it", "\x03"))
        self.assertEqual(status, 0, shown)
        self.assertIn("Stopped after 0 requests", shown)

    def test_wrong(self):
        status, shown = self.ask(("Passphrase", "battery horse\n"))
        self.assertEqual(status, 2, shown)
        self.assertRegex(shown, RED + "bulla: .*does not open the private key: .*localhost-key.pem")

    def test_empty(self):
        for nothing in ("\n", "\x04"):  # Ctrl-D
            status, shown = self.ask(("Passphrase", nothing))
            self.assertEqual(status, 2, shown)
            self.assertIn("key_passphrase_needed", shown)

    def test_ctrl_c_ends_it_and_the_terminal_has_its_echo_back(self):
        for key, number in (("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT), (signal.SIGTERM, signal.SIGTERM),
                            (signal.SIGHUP, signal.SIGHUP)):
            status, shown = self.ask(("Passphrase", key))
            self.assertEqual(status, -number, shown)

    def test_every_verb_asks(self):
        listen = "bulla listen localhost:0 --cert localhost.pem --key localhost-key.pem"
        status, shown = self.ask(("Passphrase", "correct horse\n"), ("Try: bulla connect", "\x03"), line=listen)
        self.assertEqual(status, 0, shown)
        for verb in ("get https://localhost:1/", "connect localhost:1"):
            line = f"bulla {verb} --insecure --cert localhost.pem --key localhost-key.pem"
            status, shown = self.ask(("Passphrase", "correct horse\n"), line=line)
            self.assertEqual(status, 1, shown)
            self.assertIn("connect_failed", shown)

    def test_converting_asks_for_passphrases_and_shows_no_key(self):
        self.run_line("bulla cert new c.example")
        line = "bulla cert convert c.example.pem c.example-key.pem --to p12 --out c.p12"
        status, shown = self.on_terminal(line, [("New passphrase: ", "secret\n"), ("The same again: ", "secret\n")])
        self.assertEqual(status, 0, shown)
        self.assertNotIn("secret", shown)
        status, shown = self.on_terminal("bulla cert convert c.p12 --out back.pem", [("Passphrase of c.p12: ", "secret\n")])
        self.assertEqual(status, 0, shown)
        self.assertEqual((self.folder / "back.pem").read_text(),
                         (self.folder / "c.example.pem").read_text() + (self.folder / "c.example-key.pem").read_text())
        self.assertEqual((self.folder / "back.pem").stat().st_mode & 0o777, 0o600)
        for line in ("bulla cert convert c.example-key.pem", "bulla cert convert c.example.pem --to der"):
            status, shown = self.on_terminal(line, [])
            self.assertEqual(status, 2, shown)
            self.assertIn("--out FILE", shown)

    def test_a_new_passphrase_is_asked_twice(self):
        line = "bulla cert new a.example --passphrase-prompt"
        status, shown = self.ask(("New passphrase: ", "new horse\n"), ("The same again: ", "other horse\n"), line=line)
        self.assertEqual(status, 2, shown)
        self.assertIn("the two passphrases differ", shown)
        status, shown = self.ask(("New passphrase: ", "\n"), line=line)
        self.assertEqual(status, 2, shown)
        self.assertEqual(list(self.folder.glob("a.example*")), [])
        status, shown = self.ask(("New passphrase: ", "new horse\n"), ("The same again: ", "new horse\n"), line=line)
        self.assertEqual(status, 0, shown)
        self.run_line("openssl pkey -noout -passin 'pass:new horse' -in a.example-key.pem")

    def test_the_key_of_a_ca(self):
        self.run_line("bulla cert new --ca 'My CA' --passphrase-file secret.txt")
        self.run_line("bulla cert csr b.example")
        flags = "--ca-cert My_CA.pem --ca-key My_CA-key.pem"
        for line in (f"bulla cert sign b.example.csr {flags}", f"bulla cert new c.example {flags}"):
            status, shown = self.ask(("Passphrase of My_CA-key.pem: ", "correct horse\n"), line=line)
            self.assertEqual(status, 0, shown)


class Colour(Story):
    def warning(self, **env):
        with_closed_port = socket.socket()
        with_closed_port.bind(("127.0.0.1", 0))
        self.addCleanup(with_closed_port.close)
        self.env = {key: value for key, value in self.env.items() if key not in ("NO_COLOR", "TERM")} | env
        _, shown = self.on_terminal(f"bulla get --insecure https://127.0.0.1:{with_closed_port.getsockname()[1]}/", [])
        self.assertIn("nobody was authenticated", shown)
        return shown

    def test_insecure_is_red_on_a_terminal(self):
        self.assertRegex(self.warning(TERM="xterm"), RED + "WARNING: --insecure: nobody was authenticated")

    def test_no_colour_where_none_is_wanted(self):
        for env in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\x1b", self.warning(**env))

    def test_an_empty_no_color_means_nothing(self):
        self.assertRegex(self.warning(TERM="xterm", NO_COLOR=""), RED)


class Demo(Story):
    def test_serves_until_ctrl_c_and_its_lines_can_be_pasted(self):
        """The data folder has a blank in its name, as people's folders do."""
        self.env["XDG_DATA_HOME"] = str(self.folder / "my data")
        pasted = []

        def paste(shown):
            for line in shown.replace("\r", "").split("\n"):
                if line.startswith(("  curl --cacert ", "  bulla get -v --ca ")):
                    pasted.append(self.run_shell(line).stdout)
            return "\x03"

        status, shown = self.on_terminal("bulla demo", [("Ctrl-C stops the server", paste)])
        self.assertEqual(status, 0, shown)
        self.assertEqual(len(pasted), 2, shown)
        for page in pasted:
            self.assertIn(b"Hello from Bulla!", page)

    def test_shows_the_request_as_it_was_sent(self):
        self.assert_in_order(self.run_line("bulla demo --once").out, r"Request:\n    GET / HTTP/1.1\n    Host: localhost:",
                             "User-Agent: bulla", "Response")


class Get(Story):
    def setUp(self):
        super().setUp()
        (self.folder / "site").mkdir()
        (self.folder / "site/bytes.bin").write_bytes(bytes(range(256)))
        self.write("site/page.txt", "a page\n")
        self.server = self.serve("site")
        self.get = "bulla get --ca data/bulla/ca.pem"

    def test_bytes_do_not_go_to_a_terminal_unasked(self):
        status, shown = self.on_terminal(f"{self.get} {self.server.url}bytes.bin", [])
        self.assertEqual(status, 2, shown)
        self.assertIn("-o FILE", shown)
        self.assertNotIn("\x00", shown)
        status, shown = self.on_terminal(f"{self.get} -o - {self.server.url}bytes.bin", [])
        self.assertEqual(status, 0)
        self.assertIn("\x00", shown)
        self.assertEqual(self.run_line(f"{self.get} {self.server.url}bytes.bin").stdout, bytes(range(256)))

    def test_text_does(self):
        status, shown = self.on_terminal(f"{self.get} {self.server.url}page.txt", [])
        self.assertEqual((status, shown), (0, "a page\r\n"))

    def test_the_bar_is_gone_at_the_end_and_colour_is_no_matter(self):
        (self.folder / "site/large.bin").write_bytes(bytes(30_000_000))
        status, shown = self.on_terminal(f"{self.get} -o large.bin {self.server.url}large.bin", [])
        self.assertEqual(status, 0, shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), shown[-100:])

    def test_ctrl_c_leaves_no_half_file(self):
        self.run_line("bulla cert new localhost")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "localhost.pem", self.folder / "localhost-key.pem")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def half_a_body():
            with context.wrap_socket(listener.accept()[0], server_side=True) as tls:
                tls.recv(4096)
                tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 500_000)
                try:
                    tls.recv(1)
                except OSError:
                    pass

        server = threading.Thread(target=half_a_body, daemon=True)
        server.start()
        self.write("page", "an old one\n")
        line = f"bulla get --ca localhost.pem -o page https://localhost:{listener.getsockname()[1]}/"
        status, shown = self.on_terminal(line, [("%", "\x03")])
        self.assertEqual(status, -signal.SIGINT, shown)
        server.join(10)
        self.assertEqual([p.name for p in self.folder.glob("page*")], ["page"])
        self.assertEqual((self.folder / "page").read_text(), "an old one\n")


class Connect(Story):
    def test_a_conversation_by_hand(self):
        listener = self.listen("")
        listener.type("Hello from server!\n")
        status, shown = self.on_terminal(f"bulla connect localhost:{listener.port} --ca data/bulla/ca.pem",
                                         [("Hello from server!", "Hello from client!\n\x04"),
                                          ("Hello from client!", lambda shown: listener.end_input())])
        self.assertEqual(status, 0, shown)
        self.assertEqual(listener.wait(), 0, listener.err)
        self.assertEqual(listener.out, "Hello from client!\n")

    def test_ctrl_c_says_goodbye(self):
        """The server sees close_notify, not a cut stream; the shell sees that the program was interrupted."""
        listener = self.listen("")
        listener.type("Hello from server!\n")
        status, shown = self.on_terminal(f"bulla connect localhost:{listener.port} --ca data/bulla/ca.pem",
                                         [("Hello from server!", "\x03")])
        self.assertEqual(status, -signal.SIGINT, shown)
        listener.end_input()
        self.assertEqual(listener.wait(), 0, listener.err)

    def test_ctrl_c_ends_a_listener_whose_output_nobody_reads(self):
        read, write = os.pipe()  # never read
        self.addCleanup(os.close, read)
        listener = self.start("bulla listen localhost:0", r"Listening on localhost:(\d+)[^$]*?Try:", stdout=write)
        os.close(write)
        client = self.start(f"bulla connect localhost:{listener.match.group(1)} --ca data/bulla/ca.pem")
        client.type("x" * 500_000, wait=False)
        listener.wait_for("Client 127")
        self.assertEqual(listener.stop(signal.SIGINT), 0, listener.err)


if __name__ == "__main__":
    unittest.main()
