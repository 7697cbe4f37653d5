#!/usr/bin/env python3
"""What a CA of one's own tells of revocation, as a user types it: lists (bulla ca crl) and an OCSP responder (bulla ca ocsp),
asked by openssl, GnuTLS and curl."""
import base64
import concurrent.futures
import json
import re
import shlex
import shutil
import signal
import subprocess
import time
import unittest
import urllib.parse

import shell


class Status(shell.Story):
    def setUp(self):
        super().setUp()
        self.ca = self.folder / "data" / "bulla" / "ca"
        self.issuer, self.root = self.ca / "intermediate.pem", self.ca / "root.pem"

    def bulla(self, line, status=0, **more):
        return self.run_line("bulla ca " + line, status, **more)

    def json(self, line):
        return json.loads(self.bulla(line + " --json").out)

    def refused(self, line, status, error, *pieces):
        done = self.bulla(line, status)
        self.assertIn(f"error:  {error}\n", done.err)
        self.assertEqual(done.out, "")
        for piece in ("remedy:",) + pieces:
            self.assertIn(piece, done.err)

    def tool(self, name):
        if not shutil.which(name, path=self.env["PATH"]):
            self.skipTest(f"{name} is missing")


class Lists(Status):
    def test_from_revocation_to_refusal(self):
        self.bulla("init --name Example --crl-url http://ca.example.test/ca.crl")
        serial = self.json("issue www.example.com")["serial"]
        self.bulla("issue other.example.com")
        self.bulla(f"revoke {serial} --reason key-compromise")
        out = self.bulla("crl").out
        self.assert_in_order(out, r"list +ca\.crl  \(number 1, 1 revoked, until", "Example Intermediate CA",
                             "belongs at +http://ca.example.test/ca.crl", "Next:", "bulla cert show ca.crl")
        text = self.run_line("openssl crl -inform der -in ca.crl -noout -text").out
        self.assert_in_order(text, "Serial Number: " + serial.upper(), "Key Compromise")
        self.bulla("crl --pem --out ca.pem.crl --days 3")
        self.bulla("crl --root --pem")
        self.assertIn("Next Update", self.run_line("openssl crl -in root.crl -noout -text").out)
        verify = f"openssl verify -CAfile {self.root} -untrusted {self.issuer} -crl_check -CRLfile ca.pem.crl "
        self.run_line(verify + "other.example.com.pem")
        self.assertIn("certificate revoked", self.run_line(verify + "www.example.com.pem", status=2).err)
        self.tool("certtool")
        self.assertIn("Verified", self.run_line(f"certtool --verify-crl --load-ca-certificate {self.issuer} --infile ca.pem.crl").out)

    def test_it_is_shown(self):
        self.bulla("init --name Example")
        serial = self.json("issue www.example.com")["serial"]
        self.bulla(f"revoke {serial} --reason superseded")
        self.bulla("crl")
        shown = self.run_line("bulla cert show ca.crl").out
        self.assert_in_order(shown, "Revocation list", "Issuer: +CN=Example Intermediate CA", r"Number: +1\n", "in 7 days",
                             "Revoked: +1 certificate", f"{serial} .* superseded", "Signature: +ecdsa")
        self.assertIn("Issuer key:", self.run_line("bulla cert show --text ca.crl").out)
        self.bulla("crl --pem --out more.crl")
        self.run_shell("cat more.crl www.example.com.pem > both.pem")
        both = json.loads(self.run_line("bulla cert show --json both.pem").out)
        self.assertEqual(both["revocation_lists"][0]["entries"][0]["serial"], serial)
        self.assertEqual((both["revocation_lists"][0]["number"], len(both["certificates"])), ("2", 2))
        self.write("broken.crl", "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n")
        self.assertIn("revocation_list_malformed", self.run_line("bulla cert show broken.crl", status=2).err)

    def test_java_reads_it(self):
        self.tool("keytool")
        self.bulla("init --name Example")
        serial = self.json("issue www.example.com")["serial"]
        self.bulla(f"revoke {serial} --reason key-compromise")
        self.bulla("crl")
        shown = self.run_line("keytool -printcrl -file ca.crl").out
        self.assertIn(serial, shown.replace(":", "").lower())
        self.assertIn("KEY_COMPROMISE", shown.upper().replace(" ", "_"))

    def test_held_against_it_by_our_own_verifier(self):
        self.bulla("init --name Example")
        serial = self.json("issue www.example.com")["serial"]
        self.bulla("crl")
        verify = f"bulla cert verify www.example.com.pem --ca {self.root} --name www.example.com --crl ca.crl"
        self.run_line(verify)
        self.bulla(f"revoke {serial}")
        self.run_line(verify)
        self.bulla("crl")
        self.assertIn("certificate_revoked", self.run_line(verify + " --json", status=3).out)

    def test_a_list_of_no_use_is_told_of(self):
        self.bulla("init --name Example")
        self.bulla("issue www.example.com")
        self.bulla("init --name Other --dir other")
        self.bulla("crl --dir other --out other.crl")
        self.bulla("crl --days 1")
        verify = f"bulla cert verify www.example.com.pem --ca {self.root} --crl "
        self.assert_in_order(self.run_line(verify + "other.crl").out, "Verified", "Warning: other.crl is of no use",
                             "it is of CN=Other Intermediate CA", "give the list of CN=Example Intermediate CA")
        later = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86400))
        both = json.loads(self.run_line(verify + f"other.crl --crl ca.crl --at {later} --json").out)
        self.assertTrue(both["verified"])
        self.assertEqual([one["section"] for one in both["warnings"]], ["RFC 5280 §6.3.3 (a)", "RFC 5280 §6.3.3 (b)"])
        self.assertIn("it is too old", both["warnings"][0]["why"])
        self.assertEqual(json.loads(self.run_line(verify + "ca.crl --json").out)["warnings"], [])
        alone = f"bulla cert verify {self.root} --ca {self.root} --crl ca.crl"
        self.assertIn("is trusted itself", self.run_line(alone).out)

    def test_an_empty_response_is_not_none(self):
        self.bulla("init --name Example")
        self.bulla("issue www.example.com")
        self.write("empty.ocsp", "")
        refused = self.run_line(f"bulla cert verify www.example.com.pem --ca {self.root} --ocsp empty.ocsp", status=2)
        self.assertIn("ocsp_response_malformed", refused.err)

    def test_as_json_and_on_standard_output(self):
        self.bulla("init --name Example")
        made = self.json("crl")
        self.assertEqual((made["number"], made["revoked"], made["file"]), (1, 0, "ca.crl"))
        self.assertTrue(self.bulla("crl --pem --out -").out.startswith("-----BEGIN X509 CRL-----\n"))
        self.assertEqual(self.json("crl")["number"], 3)
        self.assertIn("--crl-url", self.bulla("crl").out)

    def test_the_intermediate_tells_of_the_roots_list(self):
        self.bulla("init --name Example --root-crl-url http://ca.example.test/root.crl")
        self.assertIn("URI:http://ca.example.test/root.crl", self.run_line(f"openssl x509 -in {self.issuer} -noout -text").out)
        self.bulla(f"revoke {json.loads(self.bulla('show --json').out)['issuing']['serial']} --reason ca-compromise")
        self.assertEqual(self.json("crl --root")["revoked"], 1)
        self.refused("issue www.example.com", 3, "ca_cannot_sign")
        self.refused("ocsp --listen localhost:0", 3, "ca_cannot_sign")

    def test_nothing_but_a_list_is_replaced(self):
        self.bulla("init --name Example")
        self.bulla("issue www.example.com")
        before = (self.folder / "www.example.com.pem").read_bytes()
        self.refused("crl --out www.example.com.pem", 2, "file_exists", "--out FILE")
        self.assertEqual((self.folder / "www.example.com.pem").read_bytes(), before)
        self.assertEqual(self.json("crl")["number"], 1, "no number was used up")

    def test_the_key_is_needed(self):
        self.write("secret.txt", "secret\n")
        self.bulla("init --name Example --passphrase-file secret.txt")
        self.refused("crl", 2, "key_passphrase_needed", "--ca-passphrase-file")
        self.write("wrong.txt", "wrong\n")
        self.refused("crl --root --ca-passphrase-file wrong.txt", 2, "key_passphrase_wrong")
        self.bulla("crl --root --ca-passphrase-file secret.txt")
        self.refused("crl --dir nowhere", 2, "ca_not_found")

    def test_several_at_once_never_share_a_number(self):
        self.bulla("init --name Example")
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            numbers = list(pool.map(lambda _: self.json("crl")["number"], range(12)))
        self.assertEqual(sorted(numbers), list(range(1, 13)))
        shown = self.run_line("openssl crl -inform der -in ca.crl -noout -crlnumber").out
        self.assertEqual(int(shown.strip().split("=")[1], 16), 12, "the newest stays")


class Responder(Status):
    def setUp(self):
        super().setUp()
        self.bulla("init --name Example")
        self.serial = self.json("issue www.example.com")["serial"]
        self.bulla("issue other.example.com")

    def respond(self, more=""):
        server = self.start(f"bulla ca ocsp --listen localhost:0 {more}", r"at (http://localhost:\d+/)[^$]*?stops it")
        server.url = server.match.group(1)
        return server

    def ask(self, server, names, more="", status=0):
        certs = " ".join(f"-cert {name}.pem" for name in names)
        return self.run_line(f"openssl ocsp -url {server.url} -issuer {self.issuer} -CAfile {self.root} {more} {certs}", status)

    def request(self, more="-no_nonce"):
        self.run_line(f"openssl ocsp -issuer {self.issuer} -cert www.example.com.pem {more} -reqout request.der")
        return (self.folder / "request.der").read_bytes()

    def curl(self, line):
        """Status, header fields, and the body in body.der."""
        done = self.run_line(f"curl -s -D head.txt -o body.der -w %{{http_code}} {line}")
        head = (self.folder / "head.txt").read_text().splitlines()[1:]
        fields = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in head if field)}
        return int(done.out), fields

    def body(self):
        return self.run_line("openssl ocsp -respin body.der -noverify -resp_text", status=None).out

    def run_line(self, line, status=0, **more):
        if status is not None:
            return super().run_line(line, status, **more)
        done = subprocess.run(shlex.split(line), cwd=self.folder, env=self.env, capture_output=True, timeout=shell.PATIENCE)
        done.out = (done.stdout + done.stderr).decode("utf-8", "replace")
        return done

    def test_openssl_asks_and_a_revocation_is_seen_at_once(self):
        server = self.respond()
        for piece in ("Example Intermediate CA", "signed by", "only in memory", "--ocsp-url", "try"):
            self.assertIn(piece, server.err)
        said = self.ask(server, ["www.example.com", "other.example.com"])
        self.assertIn("Response verify OK", said.err)
        self.assertNotIn("nonce", said.err)
        self.assert_in_order(said.out, "www.example.com.pem: good", "other.example.com.pem: good")
        self.bulla(f"revoke {self.serial} --reason key-compromise")
        said = self.ask(server, ["www.example.com", "other.example.com"], "-sha256")
        self.assert_in_order(said.out, "www.example.com.pem: revoked", "Reason: keyCompromise", "other.example.com.pem: good")
        line = [word for word in re.search(r"try +(.*)", server.err).group(1).split()]
        self.assertIn("good", self.run_line(" ".join(line).replace("CERT.pem", "other.example.com.pem")).out)
        self.assertRegex(server.out, r'"POST / HTTP/1\.[01]" 200')
        self.assertEqual(server.stop(), 0)
        self.assertIn("Stopped after 3 requests.", server.err)

    def test_by_the_cas_own_key(self):
        server = self.respond("--by-ca --json")
        self.assertIn("the CA's own key", server.err)
        self.assertIn("Response verify OK", self.ask(server, ["www.example.com"]).err)
        self.assertNotIn("ocsp", {record["template"] for record in self.json("list")["certificates"]})
        self.assertEqual(server.stop(signal.SIGINT), 0)
        self.assertEqual(json.loads(server.out.splitlines()[0])["status"], 200)

    def test_the_appointed_one_is_recorded(self):
        self.respond("--responder-days 2")
        appointed = [record for record in self.json("list")["certificates"] if record["template"] == "ocsp"]
        self.assertEqual(len(appointed), 1)
        self.assertEqual(self.json("list --expiring 30")["certificates"], [])

    # RFC 5019 §5 and §6.
    def test_get_and_what_caches_are_told(self):
        server = self.respond()
        path = urllib.parse.quote(base64.b64encode(self.request()).decode(), safe="")
        code, fields = self.curl(server.url + path)
        self.assertEqual((code, fields["content-type"]), (200, "application/ocsp-response"))
        age = int(re.fullmatch(r"max-age=(\d+),public,no-transform,must-revalidate", fields["cache-control"]).group(1))
        self.assertTrue(0 < age < 24 * 3600)
        for name in ("last-modified", "expires", "etag", "date"):
            self.assertIn(name, fields)
        self.assertIn("Cert Status: good", self.body())
        tag = shlex.quote("If-None-Match: " + fields["etag"])
        self.assertEqual(self.curl(f"-H {tag} {server.url}{path}")[0], 304)
        self.bulla(f"revoke {self.serial}")
        code, again = self.curl(f"-H {tag} {server.url}{path}")
        self.assertEqual(code, 200)
        self.assertNotEqual(again["etag"], fields["etag"])
        self.assertIn("Cert Status: revoked", self.body())
        # As some clients write it: only what a path cannot carry is escaped.
        self.assertEqual(self.curl(server.url + base64.b64encode(self.request()).decode())[0], 200)
        self.assertIn("Cert Status: revoked", self.body())

    def test_what_is_for_one_client_is_not_kept_by_caches(self):
        server = self.respond()
        path = urllib.parse.quote(base64.b64encode(self.request("")).decode(), safe="")
        self.assertEqual(self.curl(server.url + path)[1]["cache-control"], "no-store")
        self.assertIn("OCSP Nonce", self.body())

    def test_requests_that_are_none(self):
        server = self.respond()
        as_request = "-H 'Content-Type: application/ocsp-request'"
        for line in (f"{as_request} --data garbage {server.url}", f"{as_request} --data '' {server.url}", f"{server.url}MFEw", f"{server.url}%zz%00"):
            code, fields = self.curl(line)
            if code != 400:  # a path that is no path is HTTP's business
                self.assertEqual((code, fields["cache-control"]), (200, "no-store"), line)
                self.assertIn("malformedrequest", self.body(), line)
        self.request()
        self.assertEqual(self.curl(f"--data-binary @request.der {server.url}")[0], 415)
        self.assertEqual(self.curl(f"{as_request} --data-binary @request.der {server.url}elsewhere")[0], 404)
        code, fields = self.curl(f"-X PUT --data x {server.url}")
        self.assertEqual((code, fields["allow"]), (405, "GET, HEAD, POST"))
        (self.folder / "big").write_bytes(bytes(100_000))
        self.assertEqual(self.curl(f"{as_request} --data-binary @big {server.url}")[0], 413)
        self.assertEqual(self.curl(server.url + "A" * 9000)[0], 414)
        self.assertIn("An OCSP responder", self.run_line(f"curl -s {server.url}").out)
        self.assertIn("good", self.ask(server, ["www.example.com"]).out)

    def test_other_cas_are_not_spoken_for(self):
        server = self.respond()
        self.bulla("init --name Other --dir other")
        self.bulla("issue --dir other b.example")
        done = self.run_line(f"openssl ocsp -url {server.url} -issuer other/intermediate.pem -cert b.example.pem -noverify", status=None)
        self.assertIn("unauthorized", done.out)

    def test_gnutls_asks(self):
        self.tool("ocsptool")
        server = self.respond()
        chain = (self.folder / "www.example.com.pem").read_text()
        self.assertEqual(chain.count("BEGIN"), 2)
        line = f"ocsptool --ask={server.url} --load-issuer {self.issuer} --load-cert www.example.com.pem --nonce --load-trust {self.issuer}"
        said = self.run_line(line + " --outfile gnutls.der").out
        self.assertIn("Success", said)
        info = self.run_line("ocsptool --response-info --infile gnutls.der").out
        self.assertIn("Certificate Status: good", info)
        self.assertIn("Nonce", info)

    def test_one_answer_in_a_file(self):
        out = self.bulla("ocsp --for www.example.com.pem").out
        self.assert_in_order(out, r"response +www\.example\.com\.ocsp  \(CN=www.example.com is good, until", "Next:")
        check = f"openssl ocsp -respin {{}} -issuer {self.issuer} -CAfile {self.root} -no_nonce -cert www.example.com.pem"
        said = self.run_line(check.format("www.example.com.ocsp"))
        self.assertIn("Response verify OK", said.err)
        self.bulla(f"revoke {self.serial}")
        made = self.json(f"ocsp --for {self.serial} --out staple.der --hours 2")
        self.assertEqual((made["status"], made["serial"]), ("revoked", self.serial))
        self.assertIn("revoked", self.run_line(check.format("staple.der")).out)
        before = (self.folder / "www.example.com.pem").read_bytes()
        self.refused("ocsp --for other.example.com.pem --out www.example.com.pem", 2, "file_exists")
        self.assertEqual((self.folder / "www.example.com.pem").read_bytes(), before)
        self.refused("ocsp --for nobody.example", 2, "ca_certificate_unknown")
        self.run_line("bulla cert new self.example")
        self.refused("ocsp --for self.example.pem", 2, "ca_certificate_unknown")
        self.refused("ocsp --out x.der", 2, "bad_argument", "--for CERT")

    def test_from_the_answer_to_a_stapling_server(self):
        self.run_line("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out r.csr -subj "
                      "/CN=localhost -addext subjectAltName=DNS:localhost -addext tlsfeature=status_request")
        self.bulla("sign r.csr --out must.pem")
        serial = self.json("show localhost")["serial"]
        get = f"bulla get {{}} --ca {self.root}"
        plain = self.serve("--text hello --cert must.pem --key key.pem")
        self.assertIn("certificate_must_staple", self.run_line(get.format(plain.url), status=3).err)
        self.bulla("ocsp --for must.pem --out must.ocsp")
        server = self.serve("--text hello --cert must.pem --key key.pem --ocsp must.ocsp")
        self.assertEqual(self.run_line(get.format(server.url)).out, "hello\n")
        client = f"openssl s_client -connect localhost:{server.port} -CAfile {self.root} -status"
        self.assertIn("OCSP Response Status: successful", self.run_line(client, typed="").out)
        # What is written anew is stapled anew; what is no response is not.
        self.bulla(f"revoke {serial} --reason key-compromise")
        self.write("garbage", "garbage")
        self.run_line("mv garbage must.ocsp")
        time.sleep(1.2)
        self.assertEqual(self.run_line(get.format(server.url)).out, "hello\n")
        self.assertIn("of before is stapled", server.err)
        self.run_line("rm must.ocsp")
        self.bulla("ocsp --for must.pem --out must.ocsp")
        time.sleep(1.2)
        self.assertIn("certificate_revoked", self.run_line(get.format(server.url), status=3).err)

    def test_what_cannot_be_stapled(self):
        self.bulla("ocsp --for www.example.com.pem")
        self.write("garbage", "garbage")
        serve = "bulla serve --text x --listen localhost:0 --cert other.example.com.pem --key other.example.com-key.pem --ocsp "
        for file, error in (("www.example.com.ocsp", "ocsp_response_bad"), ("garbage", "ocsp_response_malformed"), ("nowhere", "file_not_readable")):
            self.assertIn(error, self.run_line(serve + file, status=2).err)

    def test_addresses_in_certificates(self):
        server = self.respond()
        self.bulla(f"issue told.example --ocsp-url {server.url} --crl-url http://localhost/ca.crl")
        text = self.run_line("openssl x509 -in told.example.pem -noout -text").out
        self.assertIn("OCSP - URI:" + server.url, text)
        self.assertIn("URI:http://localhost/ca.crl", text)
        asked = self.run_line(f"openssl x509 -in told.example.pem -noout -ocsp_uri").out.strip()
        self.assertEqual(asked, server.url)
        self.refused("issue https.example --ocsp-url https://localhost/", 2, "bad_argument")

    def test_a_port_in_use_and_a_ca_that_is_not_there(self):
        server = self.respond()
        port = server.url.rstrip("/").rpartition(":")[2]
        self.refused(f"ocsp --listen localhost:{port}", 1, "address_in_use")
        self.refused("ocsp --dir nowhere", 2, "ca_not_found")


if __name__ == "__main__":
    shell.main()
