"""Story 4: `bulla listen` and `bulla connect` exchange raw lines over TLS: with verification, with verification off,
and with mutual authentication. Keys and certificates made by the openssl command are accepted as they are."""
import unittest

from shell import Story

OPENSSL_KEYS = {
    "EC, SEC1": "openssl ecparam -name prime256v1 -genkey -noout -out key.pem",
    "EC, SEC1 with its parameters": "openssl ecparam -name secp384r1 -genkey -out key.pem",
    "EC, PKCS#8": "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
    "EC, DER": "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -outform DER -out key.pem",
    "RSA, PKCS#1": "openssl genrsa -traditional -out key.pem 2048",
    "RSA, PKCS#8": "openssl genrsa -out key.pem 2048",
    "RSA-PSS": "openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out key.pem",
    "Ed25519": "openssl genpkey -algorithm ed25519 -out key.pem",
    "encrypted": "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -pass pass:secret -out key.pem",
}


class RawLines(Story):
    def openssl_ca(self, name):
        self.run_line(f"openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN={name} CA' -keyout {name}-ca-key.pem "
                      f"-out {name}-ca.pem")

    def openssl_certificate(self, ca, name, san):
        self.run_line(f"openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} "
                      f"-addext subjectAltName={san} -keyout {name}-key.pem -out {name}.csr")
        self.run_line(f"openssl x509 -req -in {name}.csr -CA {ca}-ca.pem -CAkey {ca}-ca-key.pem -CAcreateserial -days 30 "
                      f"-copy_extensions copy -out {name}.pem")

    def setUp(self):
        super().setUp()
        self.openssl_ca("good")
        self.openssl_certificate("good", "server", "DNS:localhost")
        self.server_flags = "--cert server.pem --key server-key.pem"

    def exchange(self, listener, flags):
        """Both say their line, the client first, and end their input."""
        client = self.start(f"bulla connect localhost:{listener.port} {flags}")
        client.type("Hello from client!\n")
        listener.wait_for("^Hello from client!\n$", "out")
        listener.type("Hello from server!\n")
        client.wait_for("^Hello from server!\n$", "out")
        client.end_input()
        listener.end_input()
        self.assertEqual((client.wait(), listener.wait()), (0, 0), client.err + listener.err)
        return client

    def test_with_verification(self):
        for version in ("1.3", "1.2"):
            with self.subTest(version):
                client = self.exchange(self.listen(f"{self.server_flags} --tls {version}"), "--ca good-ca.pem")
                self.assertEqual(client.err, "")

    def test_both_ends_piped(self):
        """Each side's input ends at once: what it says still arrives, and both end with 0 (half-close)."""
        listener = self.listen(self.server_flags)
        listener.type("Hello from server!\n")
        listener.end_input()
        got = self.run_line(f"bulla connect localhost:{listener.port} --ca good-ca.pem", typed="Hello from client!\n")
        self.assertEqual(got.out, "Hello from server!\n")
        self.assertEqual(listener.wait(), 0, listener.err)
        self.assertEqual(listener.out, "Hello from client!\n")

    def test_verification_fails(self):
        self.openssl_ca("other")
        listener = self.listen(self.server_flags)
        got = self.run_line(f"bulla connect localhost:{listener.port} --ca other-ca.pem", status=3, typed="secret\n")
        self.assertIn("CN=server", got.err)
        self.assertEqual(listener.wait(), 3)  # it was told: unknown_ca
        self.assertNotIn("secret", listener.out)

    def test_verification_off(self):
        client = self.exchange(self.listen(self.server_flags), "--insecure")
        self.assertIn("nobody was authenticated", client.err)
        self.assertNotIn("\x1b[", client.err)  # no terminal, no colour

    def test_the_warning_is_red_on_a_terminal(self):
        listener = self.listen(self.server_flags)
        listener.type("Hello from server!\n")
        listener.end_input()
        status, shown = self.on_terminal(f"bulla connect localhost:{listener.port} --insecure", [("from server!", "\x04")])
        self.assertEqual(status, 0, shown)
        self.assertRegex(shown, "\x1b\\[1;31m.*nobody was authenticated")

    def mutual(self, client_flags):
        listener = self.listen(f"{self.server_flags} --client-ca good-ca.pem --client-auth required")
        return listener, f"--ca good-ca.pem {client_flags}"

    def test_mutual_authentication(self):
        self.openssl_certificate("good", "alice", "DNS:alice.example")
        for version in ("1.3", "1.2"):
            with self.subTest(version):
                listener, flags = self.mutual(f"--cert alice.pem --key alice-key.pem --tls {version}")
                self.exchange(listener, flags)
                self.assertIn("client CN=alice", listener.err)

    def test_a_client_without_certificate_is_refused(self):
        for version in ("1.3", "1.2"):
            with self.subTest(version):
                listener, flags = self.mutual(f"--tls {version}")
                self.run_line(f"bulla connect localhost:{listener.port} {flags}", status=3 if version == "1.3" else 1,
                              typed="secret\n")
                self.assertEqual(listener.wait(), 3)
                self.assertIn("client_certificate_required", listener.err)
                self.assertEqual(listener.out, "")

    def test_a_client_with_a_certificate_of_another_ca_is_refused(self):
        self.openssl_ca("other")
        self.openssl_certificate("other", "mallory", "DNS:mallory.example")
        for version in ("1.3", "1.2"):
            with self.subTest(version):
                listener, flags = self.mutual(f"--cert mallory.pem --key mallory-key.pem --tls {version}")
                got = self.run_line(f"bulla connect localhost:{listener.port} {flags}", status=3, typed="secret\n")
                self.assertIn("unknown_ca", got.err)
                self.assertEqual(listener.wait(), 3)
                self.assertIn("CN=mallory", listener.err)
                self.assertEqual(listener.out, "")

    def test_optional_client_certificate(self):
        listener = self.listen(f"{self.server_flags} --client-ca good-ca.pem --client-auth optional")
        self.exchange(listener, "--ca good-ca.pem")

    def test_one_after_another(self):
        listener = self.listen(f"{self.server_flags} --keep")
        for _ in range(3):
            client = self.start(f"bulla connect localhost:{listener.port} --ca good-ca.pem")
            client.type("again\n")
            listener.wait_for("again\n", "out")
            with listener.changed:
                listener.streams["out"] = ""
            client.end_input()
            client.process.terminate()
            client.wait()
        self.assertEqual(listener.stop(), 0)

    def test_a_large_stream_both_ways(self):
        """Both directions are full at the same time, and nobody waits for the other."""
        data = "".join(f"line {i}\n" for i in range(400_000))
        (self.folder / "data.txt").write_text(data)
        self.run_line("sh -c '"
                      f"bulla listen localhost:0 {self.server_flags} < data.txt > from-client.txt 2> listen.log & "
                      "until grep -q Try: listen.log; do sleep 0.1; done; "
                      "port=$(sed -n \"s/Listening on localhost://p\" listen.log); "
                      "bulla connect localhost:$port --ca good-ca.pem < data.txt > from-server.txt; wait'")
        self.assertEqual((self.folder / "from-client.txt").read_text(), data)
        self.assertEqual((self.folder / "from-server.txt").read_text(), data)

    def test_keys_made_by_openssl(self):
        for kind, command in OPENSSL_KEYS.items():
            with self.subTest(kind):
                self.run_line(command)
                form = "-keyform DER" if "DER" in kind else ""
                self.run_line(f"openssl req -x509 -new -key key.pem {form} -passin pass:secret -days 30 -subj /CN=own "
                              "-addext subjectAltName=DNS:localhost -out own.pem")
                self.write("secret.txt", "secret\n")
                passphrase = "--passphrase-file secret.txt" if kind == "encrypted" else ""
                self.exchange(self.listen(f"--cert own.pem --key key.pem {passphrase}"), "--ca own.pem")

    def test_certificate_and_key_in_one_file(self):
        both = (self.folder / "server.pem").read_text() + (self.folder / "server-key.pem").read_text()
        self.write("both.pem", both)
        self.exchange(self.listen("--cert both.pem"), "--ca good-ca.pem")

    def test_with_openssl_on_the_other_side(self):
        listener = self.listen(self.server_flags)
        peer = self.start(f"openssl s_client -connect localhost:{listener.port} -CAfile good-ca.pem -verify_return_error "
                          "-verify_hostname localhost -quiet -no_ign_eof")
        peer.type("Hello from openssl!\n")
        listener.wait_for("Hello from openssl!\n", "out")
        listener.type("Hello from server!\n")
        peer.wait_for("Hello from server!\n", "out")
        peer.end_input()
        listener.end_input()
        self.assertEqual(listener.wait(), 0, listener.err)


if __name__ == "__main__":
    unittest.main()
