#!/usr/bin/env python3
"""bulla ca, as a user types it: a CA of one's own, its certificates in use, its records, and what it refuses.
BULLA_THOROUGH=1 (./test --full) kills it many more times."""
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import time

import shell

VERBS = ("init", "issue", "sign", "renew", "list", "show", "revoke", "crl", "ocsp")


class Ca(shell.Story):
    def setUp(self):
        super().setUp()
        self.ca = self.folder / "data" / "bulla" / "ca"

    def bulla(self, line, status=0, **more):
        return self.run_line("bulla ca " + line, status, **more)

    def refused(self, line, status, error, *pieces):
        """An error of ours, with what to do next, and nothing on standard output."""
        done = self.bulla(line, status)
        self.assertIn(f"error:  {error}\n", done.err)
        self.assertIn("remedy:", done.err)
        self.assertEqual(done.out, "")
        for piece in pieces:
            self.assertIn(piece, done.err)
        return done

    def json(self, line):
        return json.loads(self.bulla(line + " --json").out)

    def issued(self, line):
        return self.json("issue " + line)

    def records(self, line=""):
        return self.json("list " + line)["certificates"]


class FromInitToRevocation(Ca):
    def test_the_whole_way(self):
        made = self.bulla("init --name Example")
        self.assert_in_order(made.out, "root.pem", "Example Root CA", "intermediate.pem", "only you can read", "Next:",
                             "bulla ca issue www.example.com", "bulla ca list", "--ca")
        self.assertEqual(self.ca.stat().st_mode & 0o777, 0o700)

        out = self.bulla("issue localhost 127.0.0.1").out
        self.assert_in_order(out, "certificate +localhost.pem", "key +localhost-key.pem", "serial +[0-9a-f]{32}", "Next:")
        self.assertEqual((self.folder / "localhost-key.pem").stat().st_mode & 0o777, 0o600)
        self.bulla("issue 'Ada Lovelace' ada@example.com --template client")
        root = self.ca / "root.pem"
        server = self.serve(f"--text secret --cert localhost.pem --key localhost-key.pem --client-ca {root}")
        get = f"bulla get {server.url} --ca {root}"
        self.assertEqual(self.run_line(f"{get} --cert Ada_Lovelace.pem --key Ada_Lovelace-key.pem").out.strip(), "secret")
        self.run_line(get, status=3)
        # A server's certificate is no client's.
        self.run_line(f"{get} --cert localhost.pem --key localhost-key.pem", status=3)

        serial = self.json("show 'Ada Lovelace'")["serial"]
        shown = self.bulla(f"show {serial}").out
        for piece in ("CN=Ada Lovelace", "email:ada@example.com", "clientAuth", "State:        valid", "(issue, for client)"):
            self.assertIn(piece, shown)
        self.assert_in_order(self.bulla(f"revoke {serial[:8]} --reason key-compromise").out, "revoked", "key-compromise", serial)
        self.assertIn("Revoked:", self.bulla(f"show {serial}").out)
        self.assertEqual([record["serial"] for record in self.records("--revoked")], [serial])

    def test_a_request_is_signed(self):
        self.bulla("init --name Example")
        self.run_line("bulla cert csr www.example.com")
        out = self.bulla("sign www.example.com.csr --days 30").out
        self.assert_in_order(out, "www.example.com.pem", "expires in 30 days",
                             "subject +CN=www.example.com", "names +DNS:www.example.com", "serial",
                             "--key www.example.com-key.pem", "bulla ca show")
        self.run_line(f"openssl verify -x509_strict -CAfile {self.ca}/root.pem -untrusted www.example.com.pem www.example.com.pem")
        self.assertEqual(self.json("show www.example.com")["origin"], "sign")
        self.refused("sign www.example.com.csr", 2, "file_exists", "--force")
        piped = self.bulla("sign - --out -", typed=(self.folder / "www.example.com.csr").read_text())
        self.assertTrue(piped.out.startswith("-----BEGIN CERTIFICATE-----\n"))
        self.assertEqual(len(self.records()), 4)

    def test_what_a_request_asks_for_and_does_not_get_is_said(self):
        self.bulla("init --name Example")
        self.run_line("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out r.csr -subj "
                      "/CN=a.example -addext subjectAltName=DNS:a.example,email:ada@example.com -addext "
                      "extendedKeyUsage=serverAuth,clientAuth -addext basicConstraints=CA:TRUE")
        said = self.bulla("sign r.csr").err
        for piece in ("not granted: purpose clientAuth", "not granted: name email:ada@example.com", "this one is none"):
            self.assertIn(piece, said)
        self.assertEqual(self.bulla("sign r.csr --template client --out c.pem").err.count("not granted"), 1)

    def test_renewals(self):
        self.bulla("init --name Example")
        first = self.issued("www.example.com --days 20")
        self.refused("renew www.example.com", 2, "file_exists", "--force")
        self.assertEqual(len(self.records()), 3, "what could not be written was not issued")
        out = self.bulla("renew www.example.com --force").out
        self.assert_in_order(out, "expires in 20 days", "renews " + first["serial"], "Next:",
                             f"revoke {first['serial']} --reason superseded")
        self.run_line("openssl pkey -in www.example.com-key.pem -pubout -out key.pub")
        self.run_line("openssl x509 -in www.example.com.pem -noout -pubkey -out cert.pub")
        self.assertEqual((self.folder / "key.pub").read_text(), (self.folder / "cert.pub").read_text())
        key = (self.folder / "www.example.com-key.pem").read_text()
        again = self.json("renew www.example.com --same-key --force")
        self.assertIsNone(again["key_file"])
        self.assertEqual((self.folder / "www.example.com-key.pem").read_text(), key)
        self.bulla("renew www.example.com --key rsa-2048 --days 5 --out elsewhere")
        self.assertEqual(self.json("show www.example.com")["key"], "RSA 2048")
        self.assertEqual(self.json(f"show {first['serial']}")["renewed_by"], self.records()[3]["serial"])
        # Whoever made the request has the key.
        self.run_line("bulla cert csr b.example")
        self.bulla("sign b.example.csr")
        self.refused("renew b.example --force", 2, "bad_argument", "--same-key")
        self.bulla("renew b.example --same-key --force")

    def test_lists(self):
        self.bulla("init --name Example")
        self.assertEqual([record["template"] for record in self.records()], ["ca", "ca"])
        soon, later = self.issued("soon.example --days 5"), self.issued("later.example --days 50")
        lines = self.bulla("list").out.splitlines()
        self.assertEqual(len(lines), 5)
        self.assertRegex(lines[0], r"^SERIAL +STATE +UNTIL +FOR +NAMES$")
        self.assertRegex(lines[3], rf"^{soon['serial']}  valid +\d{{4}}-\d\d-\d\d  server  soon.example$")
        self.assertEqual([record["serial"] for record in self.records("--expiring 10")], [soon["serial"]])
        self.assertEqual([record["serial"] for record in self.records("--expiring 60")], [soon["serial"], later["serial"]])
        self.bulla("renew soon.example --days 70 --force")
        self.assertEqual(self.records("--expiring 10"), [])
        none = self.bulla("list --expiring 10")
        self.assertEqual(none.out, "")
        self.assertIn("no certificate is like that", none.err)
        self.assertIn("(renewed)", self.bulla("list").out)

    def test_pem_comes_out_as_it_went_in(self):
        self.bulla("init --name Example")
        self.bulla("issue www.example.com")
        self.assertEqual(self.bulla("show www.example.com --pem").out, (self.folder / "www.example.com.pem").read_text())
        own = self.bulla("show --pem").out
        self.assertEqual(own, (self.ca / "intermediate.pem").read_text() + (self.ca / "root.pem").read_text())
        self.assert_in_order(self.bulla("show").out, "root.pem", "CN=Example Intermediate CA", "CN=Example Root CA")

    def test_where_revocation_is_told(self):
        self.bulla("init --name Example --crl-url http://ca.example.test/ca.crl --ocsp-url http://ca.example.test/ocsp")
        self.bulla("issue www.example.com")
        text = self.run_line("openssl x509 -noout -text -in www.example.com.pem").out
        self.assertIn("URI:http://ca.example.test/ca.crl", text)
        self.assertIn("OCSP - URI:http://ca.example.test/ocsp", text)


class Passphrases(Ca):
    def test_the_cas_key_and_the_new_key_have_their_own(self):
        self.write("ca-secret", "of the CA\n")
        self.write("key-secret", "of the key\n")
        self.assertIn("encrypted", self.bulla("init --name Example --passphrase-file ca-secret").out)
        asked = self.run_line("setsid -w bulla ca issue a.example", 2).err  # a session of its own has no terminal to ask on
        self.assertIn("key_passphrase_needed", asked)
        self.assertIn("--ca-passphrase-file", asked)
        self.refused("issue a.example --ca-passphrase-file key-secret", 2, "key_passphrase_wrong", "intermediate-key.pem")
        self.assertEqual(len(self.records()), 2)
        self.bulla("issue a.example --ca-passphrase-file ca-secret --passphrase-file key-secret")
        self.run_line("openssl pkey -noout -in a.example-key.pem -passin 'pass:of the key'")
        self.run_line(f"openssl pkey -noout -in {self.ca}/root-key.pem -passin 'pass:of the CA'")
        self.assertEqual(len(self.records()), 3)  # nobody was asked for a passphrase
        self.bulla("revoke " + self.records()[-1]["serial"])

    def test_it_is_asked_for_on_a_terminal(self):
        self.write("ca-secret", "of the CA\n")
        self.bulla("init --name Example --passphrase-file ca-secret")
        status, shown = self.on_terminal("bulla ca issue a.example", [("Passphrase of CN=Example", "of the CA\n")])
        self.assertEqual(status, 0, shown)
        self.assertNotIn("of the CA", shown)
        self.assertTrue(self.echo)

    def test_scrypt_says_who_cannot_read_it(self):
        self.write("secret", "of the CA\n")
        self.refused("init --name Example --scrypt", 2, "bad_argument", "--passphrase-file")
        made = self.bulla("init --name Example --scrypt --passphrase-file secret")
        self.assertRegex(made.err, r"GnuTLS \(certtool\) and Java \(keytool\)")
        self.run_line(f"openssl pkey -noout -in {self.ca}/root-key.pem -passin 'pass:of the CA'")
        self.bulla("issue a.example --ca-passphrase-file secret")


class Adoption(Ca):
    def test_the_local_ca_is_adopted_and_its_server_recorded(self):
        server = self.serve("--text hello")
        local = self.folder / "data" / "bulla"
        before = {path.name: path.read_bytes() for path in local.iterdir() if path.suffix == ".pem"}
        self.assertIn("ca.pem", before)
        out = self.bulla("init").out
        self.assert_in_order(out, "adopted +CN=Bulla local CA", "ca.pem", r"records.sqlite +\(2 certificates\)", "Next:")
        self.assertEqual({path.name: path.read_bytes() for path in local.iterdir() if path.suffix == ".pem"}, before)
        self.assertEqual([record["origin"] for record in self.records()], ["local", "local"])
        # One root for all: what is issued now is trusted by whoever trusted the server.
        self.bulla("issue www.example.test")
        self.run_line(f"openssl verify -x509_strict -CAfile {local}/ca.pem www.example.test.pem")
        server.stop()
        # What the server issues from now on is recorded at once.
        self.serve("--text hello --name other.example.test")
        database = subprocess.run(["sqlite3", local / "records.sqlite", "SELECT count(*) FROM certificate"],
                                  capture_output=True, text=True, check=False) if self.has("sqlite3") else None
        if database:
            self.assertEqual(database.stdout.strip(), "4", database.stderr)
        self.assertEqual(self.json("show other.example.test")["template"], "server")

    def has(self, tool):
        return subprocess.run(["sh", "-c", f"command -v {tool}"], capture_output=True, check=False).returncode == 0

    def test_servers_show_a_certificate_of_the_ca_that_init_made(self):
        self.bulla("init --name Example")
        server = self.serve("--text hello")
        self.assertIn(f"{self.ca}/root.pem", server.err)
        self.assertEqual(self.run_line(f"bulla get {server.url} --ca {self.ca}/root.pem").out.strip(), "hello")
        self.assertFalse((self.folder / "data" / "bulla" / "ca.pem").exists())
        [first] = [record["serial"] for record in self.records() if record["template"] == "server"]
        server.stop()
        # The same again the next time; another once clients are told to refuse it.
        self.serve("--text hello").stop()
        self.assertEqual(len(self.records()), 3)
        self.bulla(f"revoke {first}")
        self.serve("--text hello").stop()
        self.assertEqual(len(self.records()), 4)
        self.assertEqual(len(self.records("--revoked")), 1)

    def test_a_ca_that_cannot_sign_by_itself_is_no_obstacle_to_servers(self):
        self.write("secret", "of the CA\n")
        for made, reason in (("--passphrase-file secret", "is encrypted"), ("--permit example.test", "may not certify")):
            with self.subTest(made):
                self.bulla(f"init --name Example {made}")
                server = self.serve("--text hello")
                self.assert_in_order(server.err, f"note: the CA in {self.ca} is not used: .*{reason}", "--cert and --key")
                local = self.folder / "data" / "bulla" / "ca.pem"
                self.assertEqual(self.run_line(f"bulla get {server.url} --ca {local}").out.strip(), "hello")
                server.stop()
                shutil.rmtree(self.ca)

    def test_it_needs_no_init(self):
        self.serve("--text hello").stop()
        self.bulla("issue www.example.test")
        self.assertEqual(len(self.records()), 3)

    def test_a_new_ca_stands_beside_it(self):
        self.serve("--text hello").stop()
        self.bulla("init --name Example")
        self.assertEqual(self.json("show")["root"]["subject"], "CN=Example Root CA")
        local = self.folder / "data" / "bulla"
        self.assertTrue(self.json(f"show --dir {local}")["root"]["subject"].startswith("CN=Bulla local CA"))
        self.serve("--text hello")  # as before

    def test_broken_records_do_not_keep_a_server_away(self):
        self.serve("--text hello").stop()
        self.bulla("init")
        (self.folder / "data" / "bulla" / "records.sqlite").write_text("x" * 5000)
        server = self.serve("--text hello --name new.example.test")
        self.assertIn("records.sqlite", server.err)
        self.refused("list", 1, "ca_records_broken", "nothing was changed")


class Refusals(Ca):
    def test_there_is_no_ca(self):
        for verb in ("issue a.example", "renew a.example", "list", "show", "revoke 4f3a91aa"):
            self.refused(verb, 2, "ca_not_found", "bulla ca init")
        self.refused("list --dir nowhere", 2, "ca_not_found", "nowhere")
        self.assertFalse((self.folder / "data").exists())

    def test_a_ca_is_not_made_twice(self):
        self.bulla("init --name Example")
        root = (self.ca / "root.pem").read_bytes()
        self.refused("init", 2, "ca_exists", "bulla ca list")
        self.refused("init --name Other", 2, "ca_exists")
        self.assertEqual((self.ca / "root.pem").read_bytes(), root)
        self.write("file", "x")
        self.refused("init --name Other --dir file", 2, "ca_exists")
        self.bulla("init --name Other --dir other")
        self.assertIn("--dir other", self.bulla("issue a.example --dir other").out)

    def test_what_is_typed_wrong(self):
        self.bulla("init --name Example")
        for line, error in (("issue 'no name'", "bad_name"), ("issue ada@example.com", "bad_name"),
                            ("issue Ada Lovelace --template client", "bad_name"),
                            ("issue '' --template client", "bad_name"), ("issue ada@example.com '' --template client", "bad_name"),
                            ("issue a.example --key dsa", "bad_argument"), ("renew nobody", "ca_certificate_unknown"),
                            ("revoke 00112233", "ca_certificate_unknown"), ("revoke 4f3a91 --reason because", "bad_argument"),
                            ("show nobody", "ca_certificate_unknown"), ("sign absent.csr", "file_not_readable")):
            self.refused(line, 2, error)
        for line in ("", "frobnicate", "issue", "sign", "revoke", "renew", "issue a.example --template other",
                     "issue a.example --days 0", "list --expiring -1", "list --expiring 3 --revoked", "init a",
                     "show --pem --json", "renew a --same-key --key ed25519", "list --dir ''"):
            done = self.bulla(line, 2)
            self.assertIn("--help", done.err, line)
        for line, error in (("init --dir b --permit '*.example.test'", "bad_name"), ("init --dir b --key dsa", "bad_argument"),
                            ("init --dir b --crl-url https://ca.example.test/", "bad_argument"),
                            (f"init --dir b --name {'x' * 49}", "bad_name")):
            self.refused(line, 2, error)
        self.assertFalse((self.folder / "b").exists())
        self.assertEqual(len(self.records()), 2)

    def test_a_link_that_leads_nowhere_is_in_the_way(self):
        self.bulla("init --name Example")
        for name in ("a.example.pem", "a.example-key.pem"):
            (self.folder / name).symlink_to(self.folder / "nowhere")
            self.refused("issue a.example", 2, "file_exists", name)
            self.assertFalse((self.folder / "nowhere").exists())
            (self.folder / name).unlink()
        self.assertEqual(len(self.records()), 2, "nothing was issued")

    def test_names_that_the_ca_may_not_certify(self):
        self.bulla("init --name Example --permit example.test --permit 10.0.0.0/8 --permit @example.test")
        self.bulla("issue www.example.test 10.1.2.3")
        self.bulla("issue ada@example.test --template client")
        for line in ("issue www.example.com", "issue 192.0.2.1", "issue ada@example.com --template client"):
            self.refused(line, 3, "certificate_name_constraint", "permit")
        self.run_line("bulla cert csr evil.example")
        self.refused("sign evil.example.csr", 3, "certificate_name_constraint")
        self.assertFalse((self.folder / "evil.example.pem").exists())
        self.assertEqual(len(self.records()), 4)

    def test_revoked_is_revoked(self):
        self.bulla("init --name Example")
        serial = self.issued("a.example")["serial"]
        self.assertIn(f"bulla ca revoke {serial}", self.refused("revoke a.example", 2, "ca_certificate_unknown").err)
        self.bulla(f"revoke {serial} --reason keyCompromise")
        self.refused(f"revoke {serial}", 2, "ca_revoked", "key-compromise")
        self.refused(f"renew {serial} --force", 2, "ca_revoked")
        self.refused("renew a.example --force", 2, "ca_revoked")
        intermediate = self.records()[1]["serial"]
        self.refused(f"revoke {self.records()[0]['serial']}", 2, "bad_argument", "root")
        self.bulla(f"revoke {intermediate} --reason ca-compromise")
        self.refused("issue b.example", 3, "ca_cannot_sign", "revoked")

    def test_a_wrong_request(self):
        self.bulla("init --name Example")
        self.run_line("bulla cert csr a.example")
        csr = (self.folder / "a.example.csr").read_text().splitlines()
        body = "".join(csr[1:-1])
        at = len(body) - 20
        self.write("bad.csr", "\n".join([csr[0], body[:at] + ("A" if body[at] != "A" else "B") + body[at + 1:], csr[-1]]) + "\n")
        self.refused("sign bad.csr", 3, "csr_bad_signature")
        self.run_line("openssl req -new -newkey rsa:1024 -nodes -keyout k.pem -out weak.csr -subj /CN=a.example")
        self.refused("sign weak.csr", 3, "csr_unacceptable")
        self.refused("sign a.example-key.pem", 2, "csr_not_found")
        self.assertEqual(len(self.records()), 2)

    def test_nothing_is_replaced_unasked(self):
        self.bulla("init --name Example")
        self.bulla("issue a.example")
        before = (self.folder / "a.example.pem").read_text(), (self.folder / "a.example-key.pem").read_text()
        self.refused("issue a.example", 2, "file_exists", "--force")
        self.assertEqual(before, ((self.folder / "a.example.pem").read_text(), (self.folder / "a.example-key.pem").read_text()))
        self.assertEqual(len(self.records()), 3)
        self.bulla("issue a.example --force")

    def test_a_run_that_was_cut_off_between_its_files(self):
        self.bulla("init --name Example")
        self.bulla("issue a.example")
        whole = (self.folder / "a.example.pem").read_text()
        (self.folder / "a.example.pem").unlink()
        said = self.refused("issue a.example", 2, "file_exists", "cut off").err
        self.run_shell(re.search(r"`(bulla ca show [^`]+)` writes it", said).group(1))
        self.assertEqual((self.folder / "a.example.pem").read_text(), whole)


class Help(Ca):
    def test_every_verb_has_help_with_examples_that_parse(self):
        for verb in VERBS:
            text = self.bulla(f"{verb} --help").out
            examples = [line.strip() for line in text[text.index("Examples:"):].splitlines()[1:] if line.strip()]
            self.assertGreaterEqual(len(examples), 2, verb)
            for example in examples:
                self.assertTrue(example.startswith("bulla "), example)
        self.assertIn("bulla ca", self.run_line("bulla --help").out)


class KilledAndAtOnce(Ca):
    """The program itself, with SIGKILL at any moment."""

    def start_ca(self, line):
        return subprocess.Popen(shlex.split("bulla ca " + line), cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def spki(self, command):
        done = subprocess.run(shlex.split(command), cwd=self.folder, capture_output=True, check=True)
        return done.stdout

    def check_files(self):
        by_serial = {record["serial"]: record for record in self.records()}
        recorded = set()
        for path in sorted((self.folder / "out").iterdir()):
            if path.name.endswith("-key.pem") or not path.name.endswith(".pem"):
                continue
            shown = json.loads(self.run_line(f"bulla cert show --json {path}").out)["certificates"][0]
            self.assertIn(shown["serial"], by_serial, path.name)
            self.assertEqual(shown["sha256"], by_serial[shown["serial"]]["sha256"])
            recorded.add(path.name)
            key = path.with_name(path.name.replace(".pem", "-key.pem"))
            self.assertEqual(self.spki(f"openssl x509 -in {path} -noout -pubkey"), self.spki(f"openssl pkey -in {key} -pubout"))
        for path in (self.folder / "out").glob("*-key.pem"):
            product = path.with_name(path.name.replace("-key.pem", ".pem"))
            if product.name not in recorded:  # its certificate is in the records, and the program says how to get it
                name = product.name.removesuffix(".pem")
                said = self.refused(f"issue {name} --out out", 2, "file_exists", "cut off").err
                self.run_shell(re.search(r"`(bulla ca show [^`]+)` writes it", said).group(1))
                self.assertEqual(self.spki(f"openssl x509 -in {product} -noout -pubkey"),
                                 self.spki(f"openssl pkey -in {path} -pubout"))
        return len(by_serial)

    def test_killed_at_any_point(self):
        self.bulla("init --name Example")
        begin = time.monotonic()
        self.bulla("issue measure.example --out out")
        lasts = time.monotonic() - begin
        pace = random.Random(22)
        rounds = 150 if os.environ.get("BULLA_THOROUGH") else 20
        for number in range(rounds):
            running = [self.start_ca(f"issue h{number}-{child}.example --out out") for child in range(2)]
            time.sleep(pace.uniform(0, 1.3 * lasts))
            for process in running:
                process.send_signal(signal.SIGKILL)
            for process in running:
                process.communicate()
        self.assertGreater(self.check_files(), 4)

    def test_several_at_once(self):
        self.bulla("init --name Example")
        running = [self.start_ca(f"issue h{number}.example --out out") for number in range(8)]
        for process in running:
            _, err = process.communicate(timeout=shell.PATIENCE)
            self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.check_files(), 10)
        # All for the same files: the pair is of one of them, and none is issued that could not be written but is told of.
        running = [self.start_ca("issue same.example --out out --force") for number in range(6)]
        for process in running:
            self.assertEqual(process.wait(shell.PATIENCE), 0, process.communicate())
            process.communicate()
        self.check_files()


if __name__ == "__main__":
    shell.main()
