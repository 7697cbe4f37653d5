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

    def test_curl_that_is_told_to_look_at_revocation(self):
        by_staple = self.verdicts("curl -s --cacert {ca} --cert-status {url}")
        by_list = self.verdicts("curl -s --cacert {ca} --crlfile {crl} {url}")
        for name in ("sound", "sound-with-root", "sound-in-wrong-order", "sound-wildcard", "sound-must-staple"):
            self.assertEqual((by_staple[name], by_list[name]), ("accepted", "accepted"), name)
        self.assertEqual((by_staple["revoked"], by_list["revoked"]), ("refused", "refused"))
        self.assertEqual(by_list["revoked-by-list"], "refused")
        self.assertEqual(by_staple["must-staple"], "refused")

    def test_clients_that_look_at_nothing_get_a_note(self):
        plain = self.verdicts("curl -s --cacert {ca} {url}")
        for name in ("revoked", "revoked-by-list", "must-staple"):
            self.assertEqual(plain[name], "accepted", name)

    def verdicts(self, command):
        got = self.run_line(f"bulla zoo test --json -- {command}")
        return {line["name"]: line["verdict"] for line in map(json.loads, got.out.splitlines())}

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

    def test_revocation_by_hand(self):
        self.run_line("bulla zoo make animals")
        verify = "bulla cert verify animals/{0}.pem --ca animals/root.pem --name {0}.zoo.localhost {1}"
        lists = "--crl animals/lists.crl.pem"
        self.run_line(verify.format("revoked", ""))
        for how in (lists, "--ocsp animals/revoked.ocsp"):
            self.assertIn("certificate_revoked", self.run_line(verify.format("revoked", "--json " + how), status=3).out)
        self.assertIn("certificate_revoked", self.run_line(verify.format("revoked-by-list", "--json " + lists), status=3).out)
        self.run_line(verify.format("sound", f"{lists} --ocsp animals/sound.ocsp"))
        self.assertFalse((self.folder / "animals/must-staple.ocsp").exists())
        check = "openssl verify -CAfile animals/root.pem -untrusted animals/{0}.pem -crl_check_all -CRLfile animals/lists.crl.pem animals/{0}.pem"
        self.run_line(check.format("sound"))
        self.run_line(check.format("sound-in-wrong-order"))
        self.assertIn("revoked", self.run_line(check.format("revoked-by-list"), status=2).err)
        self.run_line(verify.format("sound", "--crl animals/root.pem"), status=2)

    def test_get_finds_what_a_server_staples_or_does_not(self):
        server = self.start("bulla zoo serve --listen localhost:0 --root-out root.pem",
                            r"at https://sound\.zoo\.localhost:(\d+)/[^$]*?stops it")
        port = server.match.group(1)
        get = "bulla get https://{0}.zoo.localhost:%s/ --ca root.pem --resolve {0}.zoo.localhost:%s:localhost" % (port, port)
        self.assertIn("Zoo", self.run_line(get.format("sound-must-staple")).out)
        self.assertIn("certificate_revoked", self.run_line(get.format("revoked"), status=3).err)
        self.assertIn("certificate_must_staple", self.run_line(get.format("must-staple"), status=3).err)
        # A list is given to nobody here, and none is fetched.
        self.run_line(get.format("revoked-by-list"))

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
