"""Story 2: a CA signs the server's certificate from a CSR; the server's key is encrypted, its passphrase comes from a
file or a prompt; the client holds only the CA certificate. Another CA, an expired certificate, a wrong name, a tampered
signature: each refused, each with a message that names the certificate, the reason and the remedy."""
import signal
import unittest

from shell import Story


class SignedByCa(Story):
    def setUp(self):
        super().setUp()
        self.env["XDG_DATA_HOME"] = str(self.folder / ".data")  # the folder is served
        self.write("secret.txt", "correct horse battery\n")
        self.write("wrong.txt", "incorrect horse\n")
        self.run_line("bulla cert new --ca 'Story CA'")
        self.run_line("bulla cert csr localhost --passphrase-file secret.txt")
        self.run_line("bulla cert sign localhost.csr --ca-cert Story_CA.pem --ca-key Story_CA-key.pem --out localhost.pem")
        self.flags = "--cert localhost.pem --key localhost-key.pem"
        self.write("index.html", "<h1>sealed</h1>")

    def test_the_key_is_encrypted(self):
        key = (self.folder / "localhost-key.pem").read_text()
        self.assertTrue(key.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----"))

    def test_passphrase_from_a_file(self):
        server = self.serve(f". {self.flags} --passphrase-file secret.txt")
        got = self.run_line(f"bulla get --ca Story_CA.pem {server.url}")
        self.assertEqual(got.out, "<h1>sealed</h1>")

    def test_passphrase_from_a_prompt(self):
        status, shown = self.on_terminal(f"bulla serve --listen localhost:0 {self.flags}",
                                         [("Passphrase of .*: ", "correct horse battery\n"), ("Ctrl-C stops it", signal.SIGINT)])
        self.assertEqual(status, 0, shown)
        self.assertIn("Serving the folder", shown)
        self.assertNotIn("horse", shown)

    def test_wrong_passphrase(self):
        got = self.run_line(f"bulla serve {self.flags} --passphrase-file wrong.txt", status=2)
        self.assertIn("key_passphrase_wrong", got.err)
        self.assertNotIn("horse", got.err)

    def test_no_passphrase_and_no_terminal(self):
        # A session of its own has no terminal to ask on.
        got = self.run_line(f"setsid -w bulla serve {self.flags}", status=2)
        self.assertIn("--passphrase-file", got.err)

    def refused(self, url, ca, *pieces):
        got = self.run_line(f"bulla get --ca {ca} {url}", status=3)
        self.assertEqual(got.out, "")
        for piece in pieces:
            self.assertRegex(got.err, piece)
        self.assertRegex(got.err, r"remedy: \S+")

    def test_another_ca(self):
        self.run_line("bulla cert new --ca 'Other CA'")
        server = self.serve(f". {self.flags} --passphrase-file secret.txt")
        self.refused(server.url, "Other_CA.pem", "CN=localhost", "certificate_unknown_issuer", "Story CA", "--ca")
        server.wait_for("unknown_ca")  # the server's log says what the client did not like

    def test_a_wrong_name(self):
        self.run_line("bulla cert new www.example --ca-cert Story_CA.pem --ca-key Story_CA-key.pem")
        server = self.serve(". --cert www.example.pem --key www.example-key.pem")
        self.refused(server.url, "Story_CA.pem", "certificate_name_mismatch", "localhost", "www.example")

    def test_an_expired_certificate(self):
        self.write("ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n"
                             "default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=optional\n"
                             "[x]\nsubjectAltName=DNS:localhost\n")
        self.write("index.txt", "")
        self.write("serial", "1234\n")
        self.run_line("openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout old-key.pem -out old.csr")
        self.run_line("openssl ca -batch -config ca.cnf -cert Story_CA.pem -keyfile Story_CA-key.pem -in old.csr -out old.pem "
                      "-startdate 20200101000000Z -enddate 20200201000000Z -notext")
        server = self.serve(". --cert old.pem --key old-key.pem")
        self.refused(server.url, "Story_CA.pem", "certificate_expired", "CN=localhost", "2020")

    def test_a_tampered_signature(self):
        self.run_line("openssl x509 -in localhost.pem -outform DER -out localhost.der")
        der = bytearray((self.folder / "localhost.der").read_bytes())
        der[-5] ^= 1
        (self.folder / "tampered.der").write_bytes(der)
        server = self.serve(". --cert tampered.der --key localhost-key.pem --passphrase-file secret.txt")
        self.refused(server.url, "Story_CA.pem", "certificate_bad_signature", "CN=localhost")

    def test_only_the_ca_is_needed(self):
        """curl is of the same opinion."""
        server = self.serve(f". {self.flags} --passphrase-file secret.txt")
        self.assertEqual(self.run_line(f"curl -sS --cacert Story_CA.pem {server.url}").out, "<h1>sealed</h1>")


if __name__ == "__main__":
    unittest.main()
