"""bulla zoo: our own client and curl refuse what is to be refused and accept what is sound; a client that verifies nothing is
found out."""
import json
import unittest

from shell import Story


class Zoo(Story):
    def test_list(self):
        shown = self.run_line("bulla zoo list").out
        self.assertIn("It ended yesterday. (certificate_expired)", shown)
        kinds = [json.loads(line) for line in self.run_line("bulla zoo list --json").out.splitlines()]
        self.assertGreater(len(kinds), 30)
        self.assertEqual({kind["accept"] for kind in kinds}, {True, False})

    def test_our_client_finds_all_that_is_wrong(self):
        got = self.run_line("bulla zoo test")
        self.assertNotIn("BAD", got.out)
        self.assertNotIn("note", got.out)
        self.assertRegex(got.out, r"(\d+) of \1 verdicts are right")

    def test_curl_is_not_broken(self):
        got = self.run_line("bulla zoo test -- curl -s --cacert {ca} {url}")
        self.assertNotIn("BAD", got.out)

    def test_a_client_that_verifies_nothing_is_found_out(self):
        got = self.run_line("bulla zoo test --json -- curl -s --insecure {url}", status=1)
        verdicts = {line["name"]: line for line in map(json.loads, got.out.splitlines())}
        self.assertEqual(verdicts["expired"], {"name": "expired", "verdict": "accepted", "right": False, "debatable": False})
        self.assertTrue(verdicts["sound"]["right"])
        shown = self.run_line("bulla zoo test -- curl -s --insecure {url}", status=1).out
        self.assertIn("show that the client is broken", shown)

    def test_a_client_that_refuses_everything_is_found_out(self):
        self.assertIn("BAD   sound", self.run_line("bulla zoo test -- false", status=1).out)

    def test_a_client_that_hangs_is_ended(self):
        got = self.run_line("bulla zoo test --timeout 0 -- sleep 100", status=1).out
        self.assertIn("no answer", got)

    def test_a_command_that_is_not_there(self):
        self.assertIn("cannot be run", self.run_line("bulla zoo test -- ./no-such-client {url}", status=2).err)

    def test_make_and_verify_by_hand(self):
        self.run_line("bulla zoo make animals")
        self.assertEqual((self.folder / "animals/expired-key.pem").stat().st_mode & 0o777, 0o600)
        ca = "--ca animals/root.pem"
        self.run_line(f"bulla cert verify animals/sound.pem {ca} --name sound.zoo.localhost")
        shown = self.run_line(f"bulla cert verify animals/name-excluded.pem {ca} --name name-excluded.zoo.localhost", status=3).out
        self.assertIn("NO  name constraints", shown)
        self.assertIn("add --force", self.run_line("bulla zoo make animals", status=2).err)
        self.run_line("bulla zoo make animals --force")
        self.run_line("openssl verify -CAfile animals/root.pem -untrusted animals/sound.pem animals/sound.pem")
        self.run_line("openssl verify -CAfile animals/root.pem -untrusted animals/expired.pem animals/expired.pem", status=2)

    def test_serve(self):
        server = self.start("bulla zoo serve --listen localhost:0 --root-out root.pem",
                            r"at https://sound\.zoo\.localhost:(\d+)/[^$]*?stops it")
        url = f"https://{{}}.zoo.localhost:{server.match.group(1)}/"
        page = self.run_line(f"curl -s --cacert root.pem {url.format('sound')}").out
        self.assertIn(url.format("self-signed"), page)
        self.run_line(f"curl -s --cacert root.pem {url.format('expired')}", status=60)
        # Any other name sees a sound certificate, which is not for it.
        self.run_line(f"curl -s --cacert root.pem {url.format('unicorn')}", status=60)


if __name__ == "__main__":
    unittest.main()
