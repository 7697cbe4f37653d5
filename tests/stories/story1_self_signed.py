"""Story 1: one process serves HTTPS with a self-signed certificate that it made itself; a client that trusts just
that certificate gets its page; the server logs address and request; 50 clients at the same time all succeed."""
import shlex
import signal
import subprocess
import unittest

from shell import PATIENCE, Story


class SelfSigned(Story):
    def setUp(self):
        super().setUp()
        self.server = self.serve("--text 'Hello, sealed world!' --self-signed --cert-out hello.pem")

    def test_a_client_that_trusts_just_this_certificate_gets_the_page(self):
        got = self.run_line(f"bulla get -i --ca hello.pem {self.server.url}")
        head, body = got.out.split("\r\n\r\n", 1)
        self.assertTrue(head.startswith("HTTP/1.1 200 OK\r\n"), head)
        self.assertIn("\r\nContent-Type: text/plain\r\n", head)
        self.assertEqual(body, "Hello, sealed world!\n")

    def test_curl_gets_it_too(self):
        got = self.run_line(f"curl -sS -i --cacert hello.pem {self.server.url}")
        self.assertIn("HTTP/1.1 200 OK", got.out)
        self.assertTrue(got.out.endswith("Hello, sealed world!\n"))

    def test_the_server_says_how_to_trust_it(self):
        self.assertIn(f"bulla get --ca hello.pem {self.server.url}", self.server.err)

    def test_the_server_logs_address_and_request(self):
        self.run_line(f"bulla get --ca hello.pem {self.server.url}some/page")
        line = self.server.wait_for(r"(127\.0\.0\.1|::1) .*\"GET /some/page HTTP/1\.1\" 200 .*\n", "out").group(0)
        self.assertIn("TLS_1.3", line)

    def test_a_client_that_trusts_another_certificate_refuses(self):
        self.run_line("bulla cert new other.example")
        got = self.run_line(f"bulla get --ca other.example.pem {self.server.url}", status=3)
        self.assertIn("CN=localhost", got.err)
        self.assertIn("remedy:", got.err)
        self.assertEqual(got.out, "")

    def test_fifty_clients_at_the_same_time(self):
        line = shlex.split(f"bulla get --ca hello.pem {self.server.url}")
        clients = [subprocess.Popen(line, cwd=self.folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                   for _ in range(50)]
        for client in clients:
            out, err = client.communicate(timeout=PATIENCE)
            self.assertEqual(client.returncode, 0, err.decode())
            self.assertEqual(out, b"Hello, sealed world!\n")

    def test_it_stops_in_good_order(self):
        self.run_line(f"bulla get --ca hello.pem {self.server.url}")
        self.assertEqual(self.server.stop(signal.SIGTERM), 0)
        self.assertIn("Stopped after 1 requests", self.server.err)

    def test_ctrl_c_stops_it_too(self):
        self.assertEqual(self.server.stop(signal.SIGINT), 0)


if __name__ == "__main__":
    unittest.main()
