"""Clients that we did not write, against our server. Each visit yields a Report a connection."""
import json
import os
import re
import ssl
import socket
import subprocess
import tempfile

from common import Report, iana, need, page_of, version_of

HERE = os.path.dirname(os.path.abspath(__file__))
REQUEST = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"


def run(command, stdin=b"", timeout=60, **more):
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout, **more)
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


class Client:
    can_resume = False
    can_authenticate = True
    hybrid = None  # the post-quantum group that it agrees on in TLS 1.3


class Curl(Client):
    name = "curl"

    def visit(self, port, certs, version, _key, client_auth, count):
        command = [need("curl"), "-sS", "-v", "--cacert", certs.ca, f"--tlsv{version}", "--tls-max", version,
                   f"https://localhost:{port}/"]
        if client_auth:
            command += ["--cert", certs.client, "--key", certs.client_key]
        for _ in range(count):
            out, err = run(command)
            found = re.search(r"SSL connection using (\S+) / (\S+)", err)
            if not found:
                raise AssertionError(err[-600:])
            yield Report(version_of(found[1]), iana(found[2]), page=page_of(out))


class Openssl(Client):
    name = "openssl s_client"
    can_resume = True

    def visit(self, port, certs, version, _key, client_auth, count):
        with tempfile.TemporaryDirectory() as folder:
            session = os.path.join(folder, "session")
            for i in range(count):
                command = [need("openssl"), "s_client", "-connect", f"localhost:{port}", "-servername", "localhost",
                           "-CAfile", certs.ca, "-verify_return_error", "-tls1_3" if version == "1.3" else "-tls1_2",
                           "-sess_out", session, "-ign_eof"]
                if i:
                    command += ["-sess_in", session]
                if client_auth:
                    command += ["-cert", certs.client, "-key", certs.client_key]
                out, err = run(command, REQUEST)
                found = re.search(r"(New|Reused), (\S+), Cipher is (\S+)", out)
                if not found:
                    raise AssertionError((out + err)[-600:])
                yield Report(version_of(found[2]), iana(found[3]), found[1] == "Reused", i > 0, page=page_of(out))


class Gnutls(Client):
    name = "gnutls-cli"
    can_resume = True

    def visit(self, port, certs, version, _key, client_auth, count):
        priority = f"NORMAL:-VERS-ALL:+VERS-TLS{version}:-CIPHER-ALL:+AES-128-GCM"
        command = [need("gnutls-cli"), "--x509cafile", certs.ca, "--priority", priority, "--port", str(port), "localhost"]
        if client_auth:
            command += ["--x509certfile", certs.client, "--x509keyfile", certs.client_key]
        if count > 1:
            # --resume connects, disconnects, connects again; what is typed goes to the second connection.
            command += ["--resume", "--waitresumption"]
        out, err = run(command, REQUEST)
        found = re.findall(r"Description: \(TLS(1\.\d)", out)
        if not found:
            raise AssertionError((out + err)[-600:])
        resumed = "This is a resumed session" in out
        yield Report(found[-1], None, resumed if count > 1 else None, count > 1, page=page_of(out))


class Python(Client):
    name = "Python ssl"
    can_resume = True

    def visit(self, port, certs, version, _key, client_auth, count):
        context = ssl.create_default_context(cafile=certs.ca)
        wanted = ssl.TLSVersion.TLSv1_3 if version == "1.3" else ssl.TLSVersion.TLSv1_2
        context.minimum_version = context.maximum_version = wanted
        context.set_alpn_protocols(["http/1.1"])
        if client_auth:
            context.load_cert_chain(certs.client, certs.client_key)
        session = None
        for i in range(count):
            with socket.create_connection(("127.0.0.1", port), 20) as raw, \
                    context.wrap_socket(raw, server_hostname="localhost", session=session) as tls:
                tls.sendall(REQUEST)
                text = b""
                while chunk := tls.recv(4096):
                    text += chunk
                session = tls.session
                yield Report(version_of(tls.version()), iana(tls.cipher()[0]), tls.session_reused, i > 0,
                             page=page_of(text.decode()))


class Node(Client):
    name = "Node.js"
    can_resume = True

    def visit(self, port, certs, version, _key, client_auth, count):
        arguments = [str(port), certs.ca, version, str(count)] + ([certs.client, certs.client_key] if client_auth else [])
        out, err = run([need("node"), os.path.join(HERE, "client.js"), *arguments])
        reports = [json.loads(line) for line in out.splitlines()]
        if len(reports) != count:
            raise AssertionError((out + err)[-600:])
        for i, r in enumerate(reports):
            yield Report(version_of(r["version"]), iana(r["suite"]), r["resumed"], i > 0, page=page_of(r["page"]))


class Java(Client):
    name = "Java HttpsURLConnection"

    def visit(self, port, certs, version, _key, client_auth, count):  # noqa: ARG002
        need("java")
        with tempfile.TemporaryDirectory() as folder:
            store = os.path.join(folder, "client.p12")
            certs.openssl("pkcs12", "-export", "-in", certs.client, "-inkey", certs.client_key, "-passout", "pass:secret",
                          "-out", store)
            out, err = run([need("java"), os.path.join(HERE, "Client.java"), str(port), certs.ca, version,
                            store if client_auth else "-"])
        found = re.search(r"suite (\S+)", out)
        if not found:
            raise AssertionError((out + err)[-900:])
        # HttpsURLConnection tells the suite, not the version: the page and the suite's name do.
        yield Report(version, found[1], page=page_of(out))


class Chromium(Client):
    name = "Chromium"
    can_authenticate = False
    hybrid = "X25519MLKEM768"

    def visit(self, port, certs, version, _key, client_auth, count):
        browser, certutil = need("chromium"), need("certutil")
        with tempfile.TemporaryDirectory() as home:
            store = os.path.join(home, ".pki/nssdb")
            os.makedirs(store)
            subprocess.run([certutil, "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
            subprocess.run([certutil, "-A", "-d", f"sql:{store}", "-n", "ca", "-t", "C,,", "-i", certs.ca], check=True)
            out, err = run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                            "--disable-background-networking", f"--user-data-dir={home}/profile", "--dump-dom",
                            f"https://localhost:{port}/"], timeout=90, env={**os.environ, "HOME": home})
        yield Report(version, None, page=page_of(out.replace("&quot;", '"')))


def peers(full):
    few = [Curl(), Openssl(), Gnutls(), Python()]
    return few + [Node(), Java(), Chromium()] if full else few
