"""Story 3: the whole handshake can be followed step by step in the terminal, on both sides, from ClientHello to
Finished, with the algorithms in use."""
import unittest

from shell import Story


class Verbose(Story):
    def both_sides(self, flags="", client_flags="", server_flags=""):
        server = self.serve(f"--text hi -v {flags} {server_flags}")
        got = self.run_line(f"bulla get -v --ca data/bulla/ca.pem {flags} {client_flags} {server.url}")
        self.assertEqual(got.out, "hi\n")
        server.wait_for("handshake complete")
        server.stop()
        return got.err, server.err

    def test_tls13(self):
        client, server = self.both_sides()
        self.assert_in_order(
            client, "→ ClientHello, ", "server name +localhost", "versions +TLS 1.3, TLS 1.2", "cipher suites +TLS_",
            "groups +X25519MLKEM768, x25519", "signatures +", "← ServerHello", "agreed: version TLS 1.3",
            "agreed: cipher suite TLS_AES_128_GCM_SHA256", "agreed: key exchange on X25519MLKEM768", "keys: .*handshake traffic",
            "← EncryptedExtensions", "application protocol http/1.1", "← Certificate, .*encrypted", "CN=localhost",
            "← CertificateVerify", "ecdsa_secp256r1_sha256", "verified: the server holds its certificate's key",
            "← Finished", "verified: the server's Finished", "keys: .*application traffic", "→ Finished",
            "✔ handshake complete: TLS 1.3, TLS_AES_128_GCM_SHA256, X25519MLKEM768", "verified: CN=localhost, up to the trusted")
        self.assert_in_order(
            server, r"\[127.0.0.1:\d+\] ← ClientHello", "server name +localhost", "agreed: version TLS 1.3",
            "agreed: cipher suite TLS_AES_128_GCM_SHA256", "→ ServerHello", "keys: .*handshake traffic",
            "→ EncryptedExtensions", "→ Certificate, .*encrypted", "→ CertificateVerify", "→ Finished",
            "keys: .*application traffic", "← Finished", "verified: the client's Finished", "✔ handshake complete: TLS 1.3")

    def test_tls12(self):
        client, server = self.both_sides("--tls 1.2")
        self.assert_in_order(
            client, "→ ClientHello", "versions +TLS 1.2\n", "← ServerHello", "agreed: version TLS 1.2",
            "agreed: cipher suite TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "← Certificate", "← ServerKeyExchange",
            "signed with +ecdsa_secp256r1_sha256", "agreed: key exchange on x25519", "← ServerHelloDone",
            "verified: the server holds its certificate's key", "→ ClientKeyExchange", "keys: .*master secret",
            "→ ChangeCipherSpec", "→ Finished", "← ChangeCipherSpec", "← Finished", "verified: the server's Finished",
            "✔ handshake complete: TLS 1.2")
        self.assert_in_order(
            server, "← ClientHello", "→ ServerHello", "→ Certificate", "→ ServerKeyExchange", "→ ServerHelloDone",
            "← ClientKeyExchange", "← ChangeCipherSpec", "← Finished", "verified: the client's Finished",
            "→ ChangeCipherSpec", "→ Finished", "✔ handshake complete: TLS 1.2")

    def test_hello_retry_request(self):
        client, _ = self.both_sides(server_flags="--groups P-384")
        self.assert_in_order(client, "→ ClientHello", "key shares +X25519MLKEM768, x25519", "← HelloRetryRequest", "group +secp384r1",
                             "→ ClientHello", "key shares +secp384r1", "← ServerHello", "agreed: key exchange on secp384r1",
                             "✔ handshake complete: .*secp384r1.*after a HelloRetryRequest")

    def test_client_certificate(self):
        self.run_line("bulla cert new --ca 'Client CA'")
        self.run_line("bulla cert new alice.example --ca-cert Client_CA.pem --ca-key Client_CA-key.pem")
        client, server = self.both_sides(client_flags="--cert alice.example.pem --key alice.example-key.pem",
                                         server_flags="--client-ca Client_CA.pem")
        self.assert_in_order(client, "← CertificateRequest", "accepted CAs +1 name", "the client's certificate is asked for",
                             "← Finished", "→ Certificate", "CN=alice.example", "→ CertificateVerify", "→ Finished", "✔")
        self.assert_in_order(server, "→ CertificateRequest", "← Certificate", "CN=alice.example", "← CertificateVerify",
                             "verified: the client holds its certificate's key", "✔",
                             "verified: CN=alice.example, up to the trusted CN=Client CA")

    def test_a_failure_is_told(self):
        server = self.serve("--text hi -v --self-signed --cert-out self.pem")
        self.run_line("bulla cert new --ca 'Some CA'")
        got = self.run_line(f"bulla get -v --ca Some_CA.pem {server.url}", status=3)
        self.assert_in_order(got.err, "→ ClientHello", "← Certificate", "→ alert unknown_ca")
        self.assertIn("✘ ", got.err)
        server.wait_for("← alert unknown_ca")

    def test_no_secret_is_told(self):
        """What -v prints may be shown to others; the key log may not."""
        client, server = self.both_sides(flags="--keylog keys.log")
        secrets = [line.split()[2] for line in (self.folder / "keys.log").read_text().splitlines() if line[0] != "#"]
        self.assertGreaterEqual(len(secrets), 5)
        for secret in secrets:
            self.assertNotIn(secret, client + server)


if __name__ == "__main__":
    unittest.main()
