"""What every verb promises: help with examples, exit status, colour, and errors that explain."""
import socket
import ssl
import subprocess
import unittest

from shell import Story

VERBS = ["", "demo", "serve", "get", "connect", "listen", "cert", "cert new", "cert csr", "cert sign", "cert show",
         "cert verify", "cert convert", "cert bundle", "cert check", "ca", "ca init", "ca issue", "ca sign", "ca renew", "ca list",
         "ca show", "ca revoke", "zoo", "zoo list", "zoo test", "zoo serve", "zoo make"]
SPEAK_TLS = ["demo", "serve", "get", "connect", "listen", "cert show", "cert verify", "cert check"]
TAKE_A_KEY = ["serve", "get", "connect", "listen", "cert new", "cert csr", "cert sign", "cert show", "cert convert", "cert bundle"]


class Help(Story):
    def test_every_verb_has_help_with_examples(self):
        for verb in VERBS:
            with self.subTest(verb):
                shown = self.run_line(f"bulla {verb} --help").out
                self.assertRegex(shown, rf"(?s)Usage: bulla {verb}.*Examples:\n  .*bulla ")

    def test_every_verb_that_speaks_tls_logs_keys_and_takes_versions(self):
        for verb in SPEAK_TLS:
            shown = self.run_line(f"bulla {verb} --help").out
            for option in ("--keylog", "--tls", "--verbose"):
                self.assertIn(option, shown, verb)

    def test_every_verb_that_takes_a_key_takes_a_passphrase_file(self):
        for verb in TAKE_A_KEY:
            self.assertIn("--passphrase-file", self.run_line(f"bulla {verb} --help").out, verb)

    def test_version(self):
        self.assertRegex(self.run_line("bulla --version").out, r"^bulla \d+\.\d+\.\d+\n$")


class Usage(Story):
    def test_what_makes_no_sense_is_status_2(self):
        self.run_line("openssl req -x509 -newkey ed25519 -nodes -subj /CN=a -keyout a.key -out a.pem")
        self.run_line("openssl genpkey -algorithm ed25519 -out b.key")
        for line in ("bulla", "bulla fly", "bulla get", "bulla get --tls 1.1 https://localhost/", "bulla get http://localhost/",
                     "bulla get 'https://local host/'", "bulla get --ca no-such-file.pem https://localhost/",
                     "bulla get --ca a.pem --insecure https://localhost/", "bulla get --resolve nonsense https://localhost/",
                     "bulla get -H nonsense https://localhost/", "bulla get -d @no-such-file https://localhost/",
                     "bulla get -o no/such/folder/x --ca a.pem https://localhost/",
                     "bulla connect localhost:port", "bulla connect --ca a.pem --groups x448 localhost:1",
                     "bulla serve no-such-folder", "bulla serve --cert a.pem --key b.key", "bulla serve --self-signed --cert a.pem",
                     "bulla serve --cert no.pem --key no.key", "bulla serve --cert-out x.pem", "bulla listen",
                     "bulla serve --client-ca no.pem", "bulla serve --client-auth maybe --client-ca a.pem",
                     "bulla serve --suites TLS_RSA_WITH_RC4_128_SHA", "bulla demo --port 0"):
            with self.subTest(line):
                got = self.run_line(line, status=2)
                self.assertTrue(got.err)

    def test_what_is_wrong_is_named_and_what_was_meant(self):
        for line, *pieces in (
                ("bulla", "a verb is missing", "demo, serve, get", "`bulla --help`"),
                ("bulla fly", 'no verb "fly"', "use one of demo"),
                ("bulla gett", 'no verb "gett"', "did you mean get\\?"),
                ("bulla cert", "a verb is missing", "new, csr, sign, show", "`bulla cert --help`"),
                ("bulla cert shwo", 'no verb "shwo"', "did you mean show\\?"),
                ("bulla -v get x", '"-v" stands before its verb', "behind `bulla get`"),
                ("bulla --nope", "options stand behind the verb"),
                ("bulla get", "argument is missing: URL", "`bulla get --help`"),
                ("bulla get --jsn x", 'no option "--jsn"', "did you mean --json\\?"),
                ("bulla get x --nonsense=1", 'no option "--nonsense=1"'),
                ("bulla get x y", 'too many: "y"'),
                ("bulla get --tls 1.1 x", "--tls: 1.1 not in"),
                ("bulla get --key k x", "--key requires --cert"),
                ("bulla get -I -d x y", "-d|--data", "excludes"),
                ("bulla cert new", "argument is missing: NAME"),
                ("bulla cert show", "argument is missing: FILE"),
                ("bulla cert sign x.csr", "--ca-cert is required"),
                ("bulla cert new x --days 0", "--days", "1 to 36500"),
                ("bulla connect localhost:99999", "bad_endpoint"),
                ("bulla get --ca no-such-file https://x/", "no-such-file: No such file")):
            with self.subTest(line):
                got = self.run_line(line, status=2)
                self.assertEqual(got.out, "")
                self.assertTrue(got.err.startswith("bulla: "), got.err)
                self.assertRegex(got.err, "\n  fault:  (the command line|a file or folder that the command line names)\n")
                self.assertRegex(got.err, "\n  remedy: ")
                for piece in pieces:
                    self.assertRegex(got.err, piece)

    def test_a_variable_that_is_not_set_is_no_value(self):
        for line, option in (("get -o '' x", "--output"), ("get --ca '' x", "--ca"), ("serve --client-ca ''", "--client-ca"),
                             ("serve --cert ''", "--cert"), ("cert new a --passphrase-file ''", "--passphrase-file"),
                             ("cert new a --out ''", "--out"), ("get -H '' x", "--header")):
            with self.subTest(line):
                self.assertRegex(self.run_line(f"bulla {line}", status=2).err, f"{option}: the value is empty")
        self.assertFalse((self.folder / "a-key.pem").exists())
        server = self.serve("--text ''")
        self.assertIn("405", self.run_line(f"bulla get -i -d '' --ca data/bulla/ca.pem {server.url}").out)

    def test_help_is_a_verb_too(self):
        self.assertEqual(self.run_line("bulla help cert new").out, self.run_line("bulla cert new --help").out)
        self.assertEqual(self.run_line("bulla help").out, self.run_line("bulla -h").out)

    def test_no_network_is_status_1(self):
        self.run_line("bulla cert new localhost")
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            port = silent.getsockname()[1]
            got = self.run_line(f"bulla get --timeout 0.5 --ca localhost.pem https://127.0.0.1:{port}/", status=1)
            self.assertRegex(got.err, "timeout")
            got = self.run_line(f"bulla connect --timeout 1 --ca localhost.pem 127.0.0.1:{port}", status=1)
            self.assertRegex(got.err, "timeout")
        got = self.run_line(f"bulla get --ca localhost.pem https://127.0.0.1:{port}/", status=1)
        self.assertIn("connect_failed", got.err)

    def test_a_port_that_is_taken(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            got = self.run_line(f"bulla serve --text hi --listen 127.0.0.1:{other.getsockname()[1]}", status=1)
            self.assertIn("address_in_use", got.err)


class Demo(Story):
    def test_once(self):
        shown = self.run_line("bulla demo --once").out
        self.assert_in_order(shown, r"Local CA +\S+/data/bulla/ca.pem \(just made\)", r"Certificate .*\(just issued\)",
                             "peer +127.0.0.1:", "version +TLS 1.3", "cipher suite +TLS_AES", "group +X25519MLKEM768",
                             "signature +ecdsa_secp256r1_sha256", "verified +yes, 2 certificates, up to the trusted root CN=Bulla",
                             "GET / HTTP/1.1", "HTTP/1.1 200 OK", "Hello from Bulla", '"GET / HTTP/1.1" 200')
        self.assertEqual((self.folder / "data/bulla/ca-key.pem").stat().st_mode & 0o777, 0o600)
        again = self.run_line("bulla demo --once").out
        self.assertNotIn("just", again)

    def test_goes_on_serving(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken = other.getsockname()[1]
            demo = self.start(f"bulla demo --port {taken}")
            line = demo.wait_for(r"\n  (curl --cacert \S+ (https://localhost:(\d+)/))\n[^$]*Ctrl-C", "out")
        self.assertGreater(int(line.group(3)), taken)
        self.assertIn("Hello from Bulla", self.run_line(line.group(1) + " -sS").out)
        self.assertEqual(demo.stop(), 0)

    def test_a_broken_local_ca_is_told(self):
        self.run_line("bulla demo --once")
        (self.folder / "data/bulla/ca.pem").write_text("nonsense")
        got = self.run_line("bulla demo --once", status=3)
        self.assertIn("ca.pem", got.err)


class ServerSide(Story):
    def test_serve_without_a_certificate_says_where_the_local_ca_is(self):
        server = self.serve("--text hi")
        self.assert_in_order(server.err, r"from +\S+/data/bulla/\S+\.pem", r"key +\S+", r"local CA +\S+/data/bulla/ca\.pem")
        self.assertEqual(self.run_line(f"curl -sS --cacert data/bulla/ca.pem {server.url}").out, "hi\n")

    def test_a_data_folder_that_cannot_be_made_is_no_fault_of_the_command_line(self):
        self.write("data", "a file where the folder should be")
        for verb in ("serve", "listen localhost:0", "demo --once"):
            got = self.run_line(f"bulla {verb}", status=1)
            self.assertIn("XDG_DATA_HOME", got.err)
            self.assertIn("fault:  the network or the system", got.err)

    def test_what_is_missing_beside_a_certificate(self):
        self.run_line("bulla cert new localhost")
        self.assertIn("--key FILE", self.run_line("bulla serve --cert localhost.pem", status=2).err)
        self.run_line("bulla cert new --ca 'My CA'")
        self.assertIn("for no name", self.serve("--text hi --cert My_CA.pem --key My_CA-key.pem").err)
        got = self.run_line("bulla get --ca localhost.pem https://localhost:1/", status=1, env={"SSLKEYLOGFILE": "no/such/folder"})
        self.assertIn("note: no key log: no/such/folder", got.err)

    def test_names_of_a_made_certificate(self):
        server = self.serve("--text hi --self-signed --cert-out me.pem --name www.example")
        self.run_line(f"bulla get --ca me.pem --resolve www.example:{server.port}:127.0.0.1 https://www.example:{server.port}/")

    def test_an_option_takes_one_value_and_leaves_the_folder(self):
        (self.folder / "site").mkdir()
        self.write("site/page.txt", "a page\n")
        server = self.serve("--self-signed --cert-out me.pem --name a.example --name b.example site")
        self.assertIn("Serving the folder site at", server.err)
        self.assertRegex(server.err, "a\\.example, b\\.example\n")
        resolve = f"--resolve a.example:{server.port}:127.0.0.1 --resolve b.example:{server.port}:127.0.0.1"
        for host in ("a.example", "b.example"):
            got = self.run_line(f"bulla get --ca me.pem --groups x25519,P-256 -H 'A: b' -H 'C: d' --suites TLS_AES_128_GCM_SHA256 "
                                f"{resolve} https://{host}:{server.port}/page.txt")
            self.assertEqual(got.out, "a page\n")
        for option in ("--name a.example", "--groups x25519", "--suites TLS_AES_128_GCM_SHA256"):
            self.assertIn("folder site at", self.serve(f"--self-signed {option} site").err)
        for option in ("-H 'A: b'", "--resolve a.example:1:127.0.0.1"):
            self.assertIn('too many: "y"', self.run_line(f"bulla get {option} x y", status=2).err)

    def test_cert_out_replaces_certificates_and_nothing_else(self):
        self.serve("--text hi --self-signed --cert-out me.pem").stop()
        first = (self.folder / "me.pem").read_text()
        running = self.serve("--text hi --self-signed --cert-out me.pem")
        second = (self.folder / "me.pem").read_text()
        self.assertNotEqual(first, second)
        # A second server on the same port fails, and the certificate of the one that runs stays.
        self.run_line(f"bulla serve --text hi --listen localhost:{running.port} --self-signed --cert-out me.pem", status=1)
        self.assertEqual((self.folder / "me.pem").read_text(), second)
        self.run_line("bulla cert new my.example")
        key = (self.folder / "my.example-key.pem").read_text()
        got = self.run_line("bulla serve --text hi --listen localhost:0 --self-signed --cert-out my.example-key.pem", status=2)
        self.assertIn("file_exists", got.err)
        self.assertEqual((self.folder / "my.example-key.pem").read_text(), key)

    def test_a_key_in_the_folder_that_is_served_is_warned_of(self):
        self.env["XDG_DATA_HOME"] = str(self.folder / ".data")
        self.write("secret.txt", "secret\n")
        self.run_line("bulla cert new localhost --passphrase-file secret.txt")
        (self.folder / ".keys").mkdir()
        (self.folder / "site").mkdir()
        flags = "--cert localhost.pem --key localhost-key.pem --passphrase-file secret.txt"
        said = self.serve(f". {flags}").err
        self.assertIn("WARNING: localhost-key.pem lies in the folder that is served", said)
        self.assertIn("WARNING: secret.txt lies in", said)
        for safe in (f"site {flags}", f"--text hi {flags}", "site"):
            self.assertNotIn("WARNING", self.serve(safe).err)
        for name in ("localhost-key.pem", "secret.txt"):
            (self.folder / name).rename(self.folder / ".keys" / name)
        self.assertNotIn("WARNING", self.serve("--cert localhost.pem --key .keys/localhost-key.pem "
                                               "--passphrase-file .keys/secret.txt").err)

    def test_key_logs_and_links_to_keys_are_warned_of(self):
        (self.folder / "site").mkdir()
        (self.folder / "keys").mkdir()
        self.run_line("bulla cert new localhost --out site")
        (self.folder / "keys/link.pem").symlink_to("../site/localhost-key.pem")
        (self.folder / "entrance").symlink_to("site")
        flags = "--cert site/localhost.pem --key"
        self.assertIn("WARNING: keys/link.pem lies in", self.serve(f"site {flags} keys/link.pem").err)
        self.assertIn("WARNING: site/localhost-key.pem lies in", self.serve(f"entrance {flags} site/localhost-key.pem").err)
        self.assertIn("WARNING: site/k.log lies in", self.serve("site --keylog site/k.log").err)
        both = (self.folder / "site/localhost.pem").read_text() + (self.folder / "site/localhost-key.pem").read_text()
        self.write("site/both.pem", both)
        self.write("keys/key.pem", (self.folder / "site/localhost-key.pem").read_text())
        self.assertIn("WARNING: site/both.pem lies in", self.serve("site --cert site/both.pem --key keys/key.pem").err)
        self.env["SSLKEYLOGFILE"] = "site/env.log"
        self.assertIn("WARNING: site/env.log lies in", self.serve("site").err)
        self.assertNotIn("WARNING", self.serve("site --keylog keys/k.log").err)

    def test_the_local_ca_is_never_served(self):
        (self.folder / "site").mkdir()
        (self.folder / "link").symlink_to("data")
        for made in (False, True):
            for folder in ("", ".", "data", "data/bulla", "link", "link/bulla"):
                if made or folder in ("", "."):
                    got = self.run_line(f"bulla serve --listen localhost:0 --self-signed {folder}", status=2)
                    self.assert_in_order(got.err, "data/bulla, the folder of the local CA's private key", "remedy: serve another folder")
            self.run_line("bulla demo --once")
        self.serve("site")
        self.serve("--text hi")
        self.env["XDG_DATA_HOME"] = str(self.folder / ".data")
        (self.folder / "data").rename(self.folder / ".data")
        server = self.serve(".")
        for path in (".data/bulla/ca-key.pem", "%2edata/bulla/ca-key.pem"):
            self.assertNotIn("PRIVATE KEY", self.run_line(f"bulla get --ca .data/bulla/ca.pem {server.url}{path}").out)

    def test_lines_to_paste_are_quoted(self):
        self.env["XDG_DATA_HOME"] = str(self.folder / "my data")
        server = self.serve("--text hi")
        pasted = [line.split(None, 1)[1] for line in server.err.splitlines() if line.startswith(("  try ", "  or "))]
        self.assertEqual(len(pasted), 2, server.err)
        for line in pasted:
            self.assertEqual(self.run_shell(line).stdout, b"hi\n")

    def test_clients_that_speak_http_1_0_only(self):
        server = self.serve("--text hi")
        self.assertEqual(self.run_line(f"curl -sS -0 --cacert data/bulla/ca.pem {server.url}").out, "hi\n")

    def test_plain_http_on_the_tls_port(self):
        server = self.serve("--text hi")
        got = self.run_line(f"curl -sS http://localhost:{server.port}/")
        self.assertIn("https://", got.out)
        server.wait_for("http_on_tls_port")

    def test_garbage_does_not_disturb(self):
        server = self.serve("--text hi")
        for garbage in (b"\x00" * 100, b"\x16\x03\x01\xff\xff" + b"\x01" * 300, b"SSH-2.0-x\r\n", b"\x80\x2e\x01\x00\x02"):
            with socket.create_connection(("localhost", int(server.port))) as sock:
                sock.sendall(garbage)
                sock.settimeout(10)
                try:
                    while sock.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
        self.assertEqual(self.run_line(f"bulla get --ca data/bulla/ca.pem {server.url}").out, "hi\n")
        self.assertEqual(len(server.err.split("handshake failed")), 5, server.err)

    def test_what_a_peer_chose_cannot_talk_to_the_terminal(self):
        server = self.serve("--text hi -v")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.folder / "data/bulla/ca.pem")
        context.set_alpn_protocols(["http/1.1", "\x1b[31mred\n"])
        with context.wrap_socket(socket.create_connection(("localhost", int(server.port))), server_hostname="localhost") as tls:
            tls.sendall(b"GET /\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n")
            tls.recv(1000)
        server.wait_for(r"ALPN +http/1.1, \\x1b\[31mred\\x0a")
        server.wait_for(r'"GET /\\', "out")
        self.assertNotIn("\x1b", server.err + server.out)


class Cert(Story):
    def test_sign_from_standard_input_to_standard_output(self):
        self.run_line("bulla cert new --ca 'My CA'")
        self.run_line("bulla cert csr a.example")
        request = (self.folder / "a.example.csr").read_text()
        flags = "--ca-cert My_CA.pem --ca-key My_CA-key.pem"
        got = self.run_line(f"bulla cert sign - {flags}", typed=request)
        self.assertTrue(got.out.startswith("-----BEGIN CERTIFICATE-----\n"), got.out)
        self.assertIn("--key a.example-key.pem", self.run_line(f"bulla cert sign a.example.csr {flags}").out)

    def test_show_of_what_openssl_made(self):
        self.run_line("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=a.example -keyout k.pem -out c.pem "
                      "-addext subjectAltName=DNS:a.example,IP:192.0.2.1")
        self.assert_in_order(self.run_line("bulla cert show c.pem").out, "CN=a.example", "DNS:a.example, IP:192.0.2.1", "RSA",
                             "SHA-256:")
        got = self.run_line("openssl x509 -in c.pem -noout -fingerprint -sha256").out
        self.assertIn(got.split("=")[1].strip(), self.run_line("bulla cert show c.pem").out)

    def test_show_of_an_expired_certificate(self):
        self.write("ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n"
                             "default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=optional\n"
                             "[x]\nsubjectAltName=DNS:localhost\n")
        self.write("index.txt", "")
        self.write("serial", "1234\n")
        self.run_line("openssl req -new -newkey rsa:2048 -nodes -subj /CN=old.example -keyout k.pem -out old.csr")
        self.run_line("openssl ca -batch -selfsign -config ca.cnf -keyfile k.pem -in old.csr -out old.pem "
                      "-startdate 20200101000000Z -enddate 20200201000000Z -notext")
        self.assertRegex(self.run_line("bulla cert show old.pem").out, "Valid: .*expired")
        server = self.serve("--text hi --cert old.pem --key k.pem")
        for how in ("", "--json"):
            got = self.run_line(f"bulla cert show {how} --ca old.pem localhost:{server.port}", status=3)
            self.assertIn("certificate_expired", got.out + got.err)
            self.assertIn("CN=old.example", got.out)
        self.assertIn("expired", server.err)  # the server's own people are told at its start

    def make_chain(self):
        self.run_line("bulla cert new --ca Root")
        self.run_line("bulla cert csr middle.example")
        self.run_line("bulla cert sign middle.example.csr --ca-cert Root.pem --ca-key Root-key.pem --intermediate --out middle.pem")
        self.run_line("bulla cert csr a.example")
        self.run_line("bulla cert sign a.example.csr --ca-cert middle.pem --ca-key middle.example-key.pem --out chain.pem")
        self.run_line("openssl x509 -in chain.pem -out leaf.pem")

    def test_verify_tells_by_what_each_check_held(self):
        self.make_chain()
        got = self.run_line("bulla cert verify chain.pem --ca Root.pem --name a.example").out
        self.assert_in_order(got, "Verified: up to CN=Root", "Path 1 of 1: accepted", "CN=a.example", "a.example is DNS:a.example",
                             "made by the key of CN=middle.example", "CN=Root  .trusted.", "path length       3 certificates")
        self.assertNotIn("\x1b", got)
        self.run_line("bulla cert verify leaf.pem middle.pem --ca Root.pem")
        self.assertIn('"verified":true', self.run_line("bulla cert verify chain.pem --ca Root.pem --json").out)
        status, shown = self.on_terminal("bulla cert verify chain.pem --ca Root.pem", [])
        self.assertEqual(status, 0)
        self.assertIn("\x1b[32mVerified", shown)

    def test_verify_says_why_not(self):
        self.make_chain()
        got = self.run_line("bulla cert verify leaf.pem --ca Root.pem --name b.example", status=3).out
        self.assert_in_order(got, "Not verified: no path leads", "besides, the certificate is for another name", "do:",
                             "cat leaf.pem intermediate.pem", "NO  name", "NO  issuer")
        self.assertIn("expired", self.run_line("bulla cert verify chain.pem --ca Root.pem --at 2060-01-01", status=3).out)
        self.assertIn("not valid yet",
                      self.run_line("bulla cert verify chain.pem --ca Root.pem --at 2020-01-01T12:00:00Z", status=3).out)
        self.run_line("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Root -keyout r.pem -out r.crt")
        self.run_line("openssl req -newkey rsa:2048 -nodes -subj /CN=Example -addext subjectAltName=DNS:a.example -keyout k.pem "
                      "-out c.csr")
        self.run_line("openssl x509 -req -in c.csr -CA r.crt -CAkey r.pem -copy_extensions copy -out c.pem")
        self.run_line("bulla cert verify c.pem --ca r.crt")
        got = self.run_line("bulla cert verify c.pem --ca r.crt --profile webpki", status=3).out
        self.assertIn("its commonName is no copy of a name in its subjectAltName (BR §7.1.4.3)", got)
        self.assertIn('"verified":false', self.run_line("bulla cert verify leaf.pem --ca Root.pem --json", status=3).out)

    def test_verify_of_a_server_says_what_get_says(self):
        self.make_chain()
        server = self.serve("--text hi --cert leaf.pem --key a.example-key.pem")
        where = f"localhost:{server.port}"
        shown = self.run_line(f"bulla cert verify {where} --ca Root.pem", status=3).out
        said = self.run_line(f"bulla get https://{where}/ --ca Root.pem", status=3).err
        self.assertIn(said.split("trusted root: ")[1].split("\n")[0], shown)
        self.run_line(f"bulla cert verify {where} --ca middle.pem --name a.example")

    def test_verify_refuses_what_makes_no_sense(self):
        self.make_chain()
        for line in ("chain.pem --at yesterday", "chain.pem --at 2026-02-30", "chain.pem --at 2026-01-01x",
                     "chain.pem --at -026-01-01", "chain.pem --at '2026- 1- 1'", "nothing.pem", "a.example-key.pem",
                     "chain.pem --name 'a b'"):
            self.run_line(f"bulla cert verify {line} --ca Root.pem", status=2)
        self.assertEqual(self.run_line("bulla cert verify localhost:1", status=1).out, "")

    def test_a_full_disk_is_told(self):
        self.run_line("bulla cert new a.example")
        for line in ("bulla cert show a.example.pem", "bulla cert show --json a.example.pem"):
            done = subprocess.run(["sh", "-c", f"{line} >/dev/full"], cwd=self.folder, env=self.env, capture_output=True)
            self.assertEqual(done.returncode, 1, line)
            self.assertIn(b"standard output", done.stderr)

    def test_a_reader_that_had_enough_is_no_failure(self):
        self.run_line("bulla cert new a.example")
        done = subprocess.run(["bash", "-c", "bulla cert show a.example.pem | true; echo ${PIPESTATUS[0]}"], cwd=self.folder,
                              env=self.env, capture_output=True)
        self.assertEqual((done.stdout, done.stderr), (b"0\n", b""))


if __name__ == "__main__":
    unittest.main()
