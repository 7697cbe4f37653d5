#!/usr/bin/env python3
"""bulla ca trust, as a user types it, with the browsers' stores of a home of its own. The machine's own stores are looked
at and never changed; tests/interop/trust.py does that where nobody is hurt."""
import json
import shutil

import shell


class Trust(shell.Story):
    def setUp(self):
        super().setUp()
        self.profile = self.folder / ".mozilla/firefox/abcd.default"
        self.env.pop("NODE_EXTRA_CA_CERTS", None)

    def make_profile(self):
        if not shutil.which("certutil"):
            self.skipTest("certutil (libnss3-tools) is not installed")
        self.profile.mkdir(parents=True)
        self.run_line(f"certutil -N --empty-password -d sql:{self.profile}")

    def make_ca(self, more=""):
        self.run_line(f"bulla ca init --name Example {more}")
        return self.folder / "data/bulla/ca/root.pem"

    def nicknames(self):
        return self.run_line(f"certutil -L -d sql:{self.profile}").out

    def store(self, line, status=0):
        """The first store that `ca trust LINE --json` tells of."""
        return json.loads(self.run_line(f"bulla ca trust {line} --json", status).out)["roots"][0]["stores"][0]

    def test_nothing_is_changed_without_yes(self):
        self.make_profile()
        root = self.make_ca()
        before = (self.profile / "cert9.db").read_bytes()
        said = self.run_line("bulla ca trust install")
        self.assert_in_order(said.out, "Root: +CN=Example Root CA", "Fingerprint: +SHA-256 ", str(root), "every name", "nss ",
                             str(self.profile), "certutil -A -d sql:", "bulla-example-root-ca-[0-9a-f]{16} -t 'C,,' < ",
                             "Nothing was changed. `bulla ca trust install --yes` does it.")
        self.assertNotIn("PRIVATE", said.out)
        self.assertEqual((self.profile / "cert9.db").read_bytes(), before)
        self.assertFalse((self.folder / "data/bulla/trust").exists())

    def test_a_browser_trusts_and_ceases_to(self):
        self.make_profile()
        root = self.make_ca()
        self.assertEqual(self.store("status --store nss", status=3)["standing"], "not trusted")
        done = self.run_line("bulla ca trust install --store nss --yes")
        self.assertIn("Done.", done.out)
        self.assertEqual(len(list((self.folder / "data/bulla/trust").iterdir())), 1, "recorded, and with the user's own")
        self.assertIn("bulla-example-root-ca-", self.nicknames())
        self.assertEqual(self.store("status --store nss")["standing"], "trusted")
        self.assertEqual(self.store("install --store nss --yes")["actions"], [], "once is enough")
        # What the browser trusts is a source of trust here too.
        self.run_line("bulla ca issue localhost")
        server = self.serve("--text hello --cert localhost.pem --key localhost-key.pem")
        self.assertEqual(self.run_line(f"bulla get {server.url} --ca nss:{self.profile}").out.strip(), "hello")
        self.run_line(f"bulla cert verify localhost.pem --name localhost --ca nss:{self.profile}")
        self.run_line(f"bulla cert verify localhost.pem --name localhost --ca nss:{self.profile} --purpose client", status=2)
        self.run_line("bulla ca trust uninstall --store nss --yes")
        self.assertNotIn("bulla", self.nicknames())
        refused = self.run_line(f"bulla get {server.url} --ca nss:{self.profile}", status=2)
        self.assertIn("certificate_not_found", refused.err)
        self.assertTrue(root.exists())

    def test_a_root_that_is_gone_is_taken_out(self):
        self.make_profile()
        self.make_ca()
        self.run_line("bulla ca trust install --store nss --yes")
        shutil.rmtree(self.folder / "data/bulla/ca")
        self.run_line("bulla ca trust status --dir data/bulla/ca", status=2)
        self.make_ca("--key ed25519")
        said = self.run_line("bulla ca trust status --store nss", status=3).out
        self.assert_in_order(said, "a different certificate by that name", "An earlier root of this folder")
        shutil.rmtree(self.folder / "data/bulla/ca")
        self.run_line("bulla ca trust uninstall --store nss --yes --dir data/bulla/ca")
        self.assertNotIn("bulla", self.nicknames())

    def test_the_local_ca_is_installed_like_others(self):
        self.make_profile()
        self.serve("--text hello").stop()
        done = self.run_line("bulla ca trust install --store nss --yes")
        self.assertIn(str(self.folder / "data/bulla/ca.pem"), done.out)
        self.assertEqual(self.store("status --store nss")["standing"], "trusted")
        self.assertFalse((self.folder / "data/bulla/records.sqlite").exists(), "it is not adopted for that")

    def test_constraints_are_shown(self):
        self.make_ca("--permit example.test --permit 10.0.0.0/8")
        self.assert_in_order(self.run_line("bulla ca trust install").out, "May certify:", "example.test", "10.0.0.0")

    def test_one_store_that_fails_costs_no_other(self):
        self.make_profile()
        broken = self.folder / ".mozilla/firefox/broken"
        broken.mkdir()
        (broken / "cert9.db").write_text("no database")
        self.make_ca()
        done = self.run_line("bulla ca trust install --store nss --yes", status=1)
        self.assert_in_order(done.out, "trusted +\\(Firefox\\)", str(self.profile), "unknown", str(broken), "error: ",
                             "remedy: ", "Not everything could be done")
        self.assertIn("bulla-example-root-ca-", self.nicknames())

    def test_node_gets_a_line_to_paste(self):
        root = self.make_ca()
        if not shutil.which("node"):
            self.skipTest("node is not installed")
        self.assertEqual(self.store("install --store node")["by_hand"], f"export NODE_EXTRA_CA_CERTS={root}")
        self.env["NODE_EXTRA_CA_CERTS"] = str(root)
        self.assertEqual(self.store("status --store node")["standing"], "trusted")

    def test_what_makes_no_sense_is_said(self):
        refused = self.run_line("bulla ca trust install", status=2)
        self.assertIn("error:  ca_not_found\n", refused.err)
        self.make_ca()
        self.assertIn("use one of system, nss, java, node", self.run_line("bulla ca trust status --store windows", 2).err)
        self.assertIn("a verb is missing", self.run_line("bulla ca trust", 2).err)
        self.assertIn("has no option", self.run_line("bulla ca trust status --yes", 2).err)
        for verb in ("install", "uninstall", "status"):
            self.assertIn("Examples:", self.run_line(f"bulla ca trust {verb} --help").out)


if __name__ == "__main__":
    shell.main()
