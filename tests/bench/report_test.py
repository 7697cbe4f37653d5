#!/usr/bin/env python3
"""bulla-bench prints what docs/benchmarks.md says it prints. Nothing here looks at how fast anything was."""
import json
import subprocess
import sys
import unittest

BENCH = sys.argv.pop(1)


def bench(*arguments):
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, timeout=120)


class Report(unittest.TestCase):
    def test_json_has_one_object_a_line(self):
        run = bench("--json", "server heap")
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(len(rows), 8)
        for row in rows:
            self.assertEqual(list(row), ["name", "unit", "ours", "peer", "peer_name", "ratio"])
            self.assertEqual(row["unit"], "bytes")
            self.assertTrue(row["peer_name"].startswith("libssl 3."))
            # Smaller is better here, and a ratio above 1 is in our favour.
            self.assertAlmostEqual(row["ratio"], row["peer"] / row["ours"], places=2)

    def test_a_filter_shows_only_what_it_names(self):
        run = bench("server heap idle 1.3 X25519 P-256")
        self.assertEqual(run.returncode, 0, run.stderr)
        lines = run.stdout.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn("bytes", lines[1])

    def test_the_https_server_is_measured_as_a_whole(self):
        run = bench("--json", "https connection idle")
        self.assertEqual(run.returncode, 0, run.stderr)
        (row,) = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(row["unit"], "bytes")
        self.assertGreater(row["ours"], 500)
        self.assertIn("TLS alone", row["peer_name"])

    def test_a_loaded_server_is_measured_with_and_without_batches(self):
        run = bench("--json", "64 clients at once, 1.3 X25519 P-256")
        self.assertEqual(run.returncode, 0, run.stderr)
        (row,) = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(row["peer_name"], "bulla, one at a time")
        self.assertGreater(row["ours"], 1)

    def test_it_says_which_provider_ours_runs_on(self):
        for arguments, provider in ([], "builtin"), (["--provider", "openssl"], "openssl"):
            run = bench(*arguments, "server heap idle 1.3 X25519 P-256")
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertTrue(run.stdout.startswith(provider), run.stdout)
        self.assertEqual(bench("--provider", "nobody").returncode, 2)
        self.assertEqual(bench("--provider", "builtin:nobody").returncode, 2)

    def test_primitives_by_a_kernel(self):
        run = bench("--json", "--provider", "builtin:soft", "primitive SHA-256 64 B")
        (row,) = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(row["unit"], "cycles")
        self.assertIn("primitive ML-KEM-768 generate ", bench("ML-KEM-768 generate").stdout)

    def test_beside_what_users_of_libcrypto_call(self):
        run = bench("--json", "--paired", "evp HMAC-SHA-256")
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(len(rows), 3)
        self.assertEqual(len({row["name"] for row in rows}), 3)
        for row in rows:
            self.assertIn("EVP_", row["name"])
            self.assertEqual(row["unit"], "cycles")
        self.assertEqual(len(bench("--json", "evp SHA-").stdout.splitlines()), 16)
        self.assertEqual(len(bench("--json", "evp HKDF").stdout.splitlines()), 1)
        self.assertEqual(len(bench("--json", "evp secp256r1").stdout.splitlines()), 2)

    def test_batches_are_told_for_each_operation(self):
        run = bench("--json", "primitive x25519 agree")
        self.assertEqual(run.returncode, 0, run.stderr)
        names = [json.loads(line)["name"] for line in run.stdout.splitlines()]
        one = "primitive x25519 agree"
        self.assertEqual(names, [one, f"{one}, 8 at once, each", f"{one}, 16 at once, each"])

    def test_a_chain_keeps_half_of_what_libcrypto_keeps(self):
        run = bench("--json", "certificate heap")
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(len(rows), 4)
        for row in rows:
            if row["name"].endswith("extensions too"):
                self.assertGreaterEqual(row["ratio"], 2, row)

    def test_certificates_are_parsed_and_verified_by_both(self):
        for what in "verify, all but signatures", "parse, verify":
            run = bench("--json", f"certificate chain of 3, ECDSA P-256: {what}")
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn('"unit":"cycles"', run.stdout)
        self.assertIn("RSA-2048, extensions too", bench("certificate parse, RSA-2048").stdout)

    def test_a_filter_that_names_nothing_says_so(self):
        run = bench("no such row")
        self.assertEqual(run.returncode, 2)
        self.assertIn("no such row", run.stderr)


if __name__ == "__main__":
    unittest.main()
