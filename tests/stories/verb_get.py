"""What `bulla get` promises: files, JSON, redirects, key logs, client certificates, and bodies that are cut off."""
import http.server
import json
import socket
import ssl
import threading

from shell import Story, main


class Get(Story):
    def setUp(self):
        super().setUp()
        (self.folder / "site").mkdir()
        self.write("site/page.txt", "a page\n")
        (self.folder / "site/bytes.bin").write_bytes(bytes(range(256)))
        self.server = self.serve("site")
        self.get = "bulla get --ca data/bulla/ca.pem"

    def test_status_of_http_counts_only_with_fail(self):
        got = self.run_line(f"{self.get} {self.server.url}missing")
        self.assertIn("404", got.out)
        got = self.run_line(f"{self.get} --fail {self.server.url}missing", status=1)
        self.assertEqual(got.out, "")
        self.assertIn("404 Not Found", got.err)

    def test_a_listing_of_the_folder(self):
        self.assertIn("page.txt", self.run_line(f"{self.get} {self.server.url}").out)

    def test_to_a_file(self):
        got = self.run_line(f"{self.get} -o copy.bin {self.server.url}bytes.bin")
        self.assertEqual((got.out, got.err), ("", ""))  # no terminal, no progress bar
        self.assertEqual((self.folder / "copy.bin").read_bytes(), bytes(range(256)))
        self.run_line(f"{self.get} --fail -o none.bin {self.server.url}missing", status=1)
        self.assertEqual(sorted(f.name for f in self.folder.glob("none.bin*")), [])

    def test_progress_bar_on_a_terminal(self):
        (self.folder / "site/large.bin").write_bytes(bytes(20_000_000))
        status, shown = self.on_terminal(f"{self.get} -o large.bin {self.server.url}large.bin", [])
        self.assertEqual(status, 0, shown)
        self.assertRegex(shown, r"\d+% \[#*-*\] .* of 20\.0 MB")
        self.assertEqual((self.folder / "large.bin").stat().st_size, 20_000_000)

    def test_head(self):
        got = self.run_line(f"{self.get} -I {self.server.url}page.txt")
        self.assertRegex(got.out, "(?s)^HTTP/1.1 200 OK\r\n.*Content-Length: 7\r\n(.*\r\n)?\r\n$")

    def test_groups(self):
        server = self.serve("--groups P-521,SecP384r1MLKEM1024,p-256,secp256r1mlkem768,X25519 site")
        for group, registered in (("p-521", "secp521r1"), ("SecP384r1MLKEM1024", "SecP384r1MLKEM1024"), ("P-256", "secp256r1"),
                                  ("SecP256r1MLKEM768", "SecP256r1MLKEM768"), ("x25519", "x25519")):
            seen = json.loads(self.run_line(f"{self.get} --groups {group} --json {server.url}page.txt").out)
            self.assertEqual(seen["tls"]["group"], registered)
        self.assertIn("handshake_failure", self.run_line(f"{self.get} --groups P-384 --json {server.url}page.txt", status=1).out)

    def test_json(self):
        seen = json.loads(self.run_line(f"{self.get} --json {self.server.url}page.txt").out)
        self.assertEqual((seen["status"], seen["body"], seen["body_size"]), (200, "a page\n", 7))
        self.assertEqual((seen["tls"]["version"], seen["tls"]["group"]), ("TLS 1.3", "X25519MLKEM768"))
        self.assertTrue(seen["tls"]["authenticated"])
        self.assertEqual(seen["tls"]["verified_path"][0], "CN=localhost")
        seen = json.loads(self.run_line(f"{self.get} --json {self.server.url}bytes.bin").out)
        self.assertTrue(seen["body_base64"].startswith("AAECAwQF"))
        self.run_line("bulla cert new other.example")
        seen = json.loads(self.run_line(f"bulla get --ca other.example.pem --json {self.server.url}", status=3).out)
        self.assertEqual(seen["error"], "certificate_unknown_issuer")
        self.assertTrue(seen["remedy"])

    def test_post_is_refused_by_files(self):
        got = self.run_line(f"{self.get} -i -d name=value {self.server.url}page.txt")
        self.assertIn("HTTP/1.1 405", got.out)

    def test_resolve(self):
        self.run_line(f"{self.get} --resolve localhost:{self.server.port}:127.0.0.1 {self.server.url}page.txt")
        got = self.run_line(f"{self.get} --resolve www.example:{self.server.port}:127.0.0.1 "
                            f"https://www.example:{self.server.port}/", status=3)
        self.assertIn("certificate_name_mismatch", got.err)

    def test_a_folder_of_cas(self):
        (self.folder / "cas").mkdir()
        self.run_line("bulla cert new --ca 'Other CA' --out cas")
        (self.folder / "cas/README").write_text("no certificate, and no reason to fail\n")
        self.run_line(f"bulla get --ca cas {self.server.url}page.txt", status=3)
        self.run_line("cp data/bulla/ca.pem cas/local.pem")
        self.assertEqual(self.run_line(f"bulla get --ca cas {self.server.url}page.txt").out, "a page\n")
        server = self.serve("site --client-ca cas")
        self.run_line("bulla cert new me.example --ca-cert cas/Other_CA.pem --ca-key cas/Other_CA-key.pem")
        self.run_line(f"{self.get} --cert me.example.pem --key me.example-key.pem {server.url}page.txt")

    def test_the_systems_roots(self):
        """SSL_CERT_FILE says what this system trusts, as it does for curl and openssl."""
        env = {"SSL_CERT_FILE": "data/bulla/ca.pem"}
        self.assertEqual(self.run_line(f"bulla get {self.server.url}page.txt", env=env).out, "a page\n")
        self.run_line("bulla cert new other.example")
        got = self.run_line(f"bulla get {self.server.url}page.txt", status=3, env={"SSL_CERT_FILE": "other.example.pem"})
        self.assertIn("--ca ", got.err)

    def test_the_local_ca_is_hinted_at_where_it_helps(self):
        self.run_line("bulla cert new other.example")
        env = {"SSL_CERT_FILE": "other.example.pem"}
        hint = str(self.folder / "data/bulla/ca.pem")
        where = f"localhost:{self.server.port}"
        for line in (f"get {self.server.url}", f"connect {where}", f"cert show {where}"):
            self.assertIn(f"--ca {hint}", self.run_line(f"bulla {line}", status=3, env=env).err)
        self.assertNotIn(hint, self.run_line(f"bulla get --ca other.example.pem {self.server.url}", status=3).err)

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("this machine has no ::1")
        server = self.start("bulla serve site --listen [::1]:0", r"at (https://\[::1\]:\d+/)[^$]*?stops it")
        self.assertEqual(self.run_line(f"{self.get} {server.match.group(1)}page.txt").out, "a page\n")
        self.assertEqual(self.run_line(f"curl -sS --cacert data/bulla/ca.pem {server.match.group(1)}page.txt").out, "a page\n")
        self.assertRegex(server.wait_for(r".*page.txt.*\n", "out").group(0), r"^::1 ")

    def test_https_may_be_left_out(self):
        self.assertEqual(self.run_line(f"{self.get} localhost:{self.server.port}/page.txt").out, "a page\n")

    def test_insecure_says_so(self):
        got = self.run_line(f"bulla get --insecure {self.server.url}page.txt")
        self.assertEqual(got.out, "a page\n")
        self.assertIn("nobody was authenticated", got.err)
        status, shown = self.on_terminal(f"bulla get --insecure {self.server.url}page.txt", [])
        self.assertEqual(status, 0)
        self.assertRegex(shown, "\x1b\\[1;31mWARNING.*nobody was authenticated")

    def test_key_log(self):
        self.run_line(f"{self.get} --keylog given.log {self.server.url}", env={"SSLKEYLOGFILE": "env.log"})
        self.assertIn("CLIENT_HANDSHAKE_TRAFFIC_SECRET", (self.folder / "given.log").read_text())
        self.assertFalse((self.folder / "env.log").exists())
        self.run_line(f"{self.get} {self.server.url}", env={"SSLKEYLOGFILE": "env.log"})
        self.assertIn("CLIENT_TRAFFIC_SECRET_0", (self.folder / "env.log").read_text())
        self.assertEqual((self.folder / "env.log").stat().st_mode & 0o777, 0o600)

    def test_key_log_of_every_verb(self):
        def logged(name):
            return (self.folder / name).read_text()

        for how in ("--keylog {}", "env"):
            for verb in ("serve", "get", "connect", "listen", "demo", "cert show"):
                with self.subTest(verb, how=how):
                    log = f"{verb}-{how[:2]}.log".replace(" ", "-")
                    flag = "" if how == "env" else how.format(log)
                    env = {"SSLKEYLOGFILE": log} if how == "env" else None
                    if verb == "serve":
                        server = self.start(f"bulla serve site --listen localhost:0 {flag}", r"(https://\S+)[^$]*?stops it", env=env)
                        self.run_line(f"{self.get} {server.match.group(1)}")
                    elif verb == "listen":
                        listener = self.start(f"bulla listen localhost:0 {flag}", r"Listening on (\S+)[^$]*?Try:", env=env)
                        listener.end_input()
                        self.run_line(f"bulla connect {listener.match.group(1)} --ca data/bulla/ca.pem")
                        listener.wait()
                    elif verb == "demo":
                        self.run_line(f"bulla demo --once --port 18443 {flag}", env=env)
                    else:
                        where = self.server.url if verb == "get" else f"localhost:{self.server.port}"
                        self.run_line(f"bulla {verb} --ca data/bulla/ca.pem {flag} {where}", env=env)
                    self.assertRegex(logged(log), r"(?m)^CLIENT_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]{64}$")

    def test_what_was_sent_stands_in_the_account(self):
        got = self.run_line(f"{self.get} -v -H 'X-Mine: yes' {self.server.url}page.txt")
        self.assert_in_order(got.err, "✔ handshake complete", "> GET /page.txt HTTP/1.1\n", "> Host: localhost:", "> X-Mine: yes\n",
                             ">\\s", "< HTTP/1.1 200 OK\n", "< Content-Length: 7\n")

    def test_access_log_as_json(self):
        server = self.serve("site --json")
        self.run_line(f"{self.get} {server.url}page.txt")
        seen = json.loads(server.wait_for(r".*\n", "out").group(0))
        self.assertEqual(seen["status"], 200)

    def test_a_client_certificate_from_the_command_line(self):
        self.run_line("bulla cert new --ca 'Client CA'")
        self.run_line("bulla cert new alice.example --ca-cert Client_CA.pem --ca-key Client_CA-key.pem")
        server = self.serve("site --client-ca Client_CA.pem")
        got = self.run_line(f"{self.get} {server.url}page.txt", status=3)
        self.assert_in_order(got.err, "certificate_required", "fault:  a certificate", "remedy: .*--cert FILE --key FILE")
        got = self.run_line(f"{self.get} --cert alice.example.pem --key alice.example-key.pem {server.url}page.txt")
        self.assertEqual(got.out, "a page\n")
        optional = self.serve("site --client-ca Client_CA.pem --client-auth optional")
        self.run_line(f"{self.get} {optional.url}page.txt")


class Redirects(Story):
    """A server that is not ours: redirects, chunks, and a connection that is cut."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path == "/from":
                self.send_response(302)
                self.send_header("Location", "/to")
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif self.path == "/to":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"5\r\nhello\r\n1\r\n\n\r\n0\r\n\r\n")
            else:
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"only this")
                self.close_connection = True

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    def setUp(self):
        super().setUp()
        self.run_line("bulla cert new localhost 127.0.0.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "localhost.pem", self.folder / "localhost-key.pem")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self.url = f"https://localhost:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def test_followed(self):
        got = self.run_line(f"bulla get --ca localhost.pem --json {self.url}/from")
        seen = json.loads(got.out)
        self.assertEqual((seen["url"], seen["redirects"], seen["body"]), (f"{self.url}/to", 1, "hello\n"))

    def test_not_followed(self):
        got = self.run_line(f"bulla get --ca localhost.pem --max-redirects 0 {self.url}/from", status=1)
        self.assertIn("http_too_many_redirects", got.err)

    def test_data_from_the_line_a_file_and_standard_input(self):
        post = f"bulla get --ca localhost.pem {self.url}/echo -d"
        self.write("data.txt", "from\na file\n")
        self.assertEqual(self.run_line(f"{post} name=value").out, "name=value")
        self.assertEqual(self.run_line(f"{post} @data.txt").out, "from\na file\n")
        self.assertEqual(self.run_line(f"{post} @-", typed="typed\n").out, "typed\n")

    def test_an_existing_file_is_replaced_only_by_a_whole_one(self):
        self.write("page", "an old one\n")
        self.write("page.part", "somebody's\n")
        (self.folder / "page").chmod(0o600)
        self.run_line(f"bulla get --ca localhost.pem -o page {self.url}/cut", status=1)
        self.assertEqual((self.folder / "page").read_text(), "an old one\n")
        (self.folder / "link").symlink_to("page")
        self.run_line(f"bulla get --ca localhost.pem -o link {self.url}/to")
        self.assertEqual((self.folder / "page").read_text(), "hello\n")
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertEqual((self.folder / "page").stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.folder / "page.part").read_text(), "somebody's\n")
        self.assertEqual(sorted(p.name for p in self.folder.glob("page*")), ["page", "page.part"])
        for folder in (".", "new/"):
            got = self.run_line(f"bulla get --ca localhost.pem -o {folder} {self.url}/to", status=2)
            self.assertIn("is a folder", got.err)

    def test_a_body_that_is_cut_off_is_a_failure_and_leaves_no_file(self):
        got = self.run_line(f"bulla get --ca localhost.pem -o cut.txt {self.url}/cut", status=1)
        self.assertIn("bulla: ", got.err)
        self.assertEqual(list(self.folder.glob("cut.txt*")), [])


if __name__ == "__main__":
    main()
