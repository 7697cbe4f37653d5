"""Certificates made by the `openssl` command, free ports, and what a peer reports."""
import dataclasses
import json
import os
import shutil
import socket
import subprocess
import time


class Skipped(Exception):
    """The peer is not installed."""


def need(program):
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/lib/jvm/default-java/bin")
    if not path:
        raise Skipped(program)
    return path


@dataclasses.dataclass
class Report:
    """What a peer says of a connection; None where it cannot say."""
    version: str
    suite: str | None = None
    resumed: bool | None = None
    expect_resumed: bool = False
    client: str | None = None
    page: dict | None = None


# The registry's names of what peers call by names of their own.
IANA = {
    "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
}


def iana(name):
    return IANA.get(name, name)


def version_of(name):
    """'TLSv1.3' and its kin as '1.3'."""
    return name.upper().replace("TLSV", "").replace("TLS", "").strip("v ")


def page_of(text):
    """The JSON line that our server answers with, out of whatever a client prints around it."""
    for line in text.splitlines():
        start = line.find('{"version"')
        if start >= 0:
            return json.loads(line[start:line.rindex("}") + 1])
    raise AssertionError(f"no page from our server in: {text[-600:]}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process, seconds=20):
    """Until somebody listens; a process that ends before is an error with its output."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"{process.args[0]} ended with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{process.args[0]} does not listen")


class Process:
    """A server process for a `with` block; ended by its own pid."""

    def __init__(self, command, port, stdin=subprocess.DEVNULL, **more):
        self.port = port
        self.process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, **more)

    def __enter__(self):
        try:
            wait_for(self.port, self.process)
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Certificates:
    """A CA, a server certificate of each kind and a client's, in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.ca, self.ca_key = self.path("ca.pem"), self.path("ca.key")
        self.key("ca.key", "ec")
        self.openssl("req", "-x509", "-new", "-key", self.ca_key, "-subj", "/CN=Interop CA", "-days", "3650",
                     "-out", self.ca, "-addext", "basicConstraints=critical,CA:TRUE",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        for name, kind in (("ecdsa", "ec"), ("rsa", "rsa"), ("client", "ec")):
            self.key(f"{name}.key", kind)
            self.issue(name, "client" if name == "client" else "localhost")
        self.client, self.client_key = self.path("client.pem"), self.path("client.key")

    def path(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *arguments):
        subprocess.run([need("openssl"), *arguments], check=True, capture_output=True)

    def key(self, name, kind):
        options = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else \
                  ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
        self.openssl("genpkey", *options, "-out", self.path(name))

    def issue(self, name, common_name):
        extensions = self.path(f"{name}.ext")
        purpose = "clientAuth" if name == "client" else "serverAuth"
        with open(extensions, "w", encoding="ascii") as file:
            file.write("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                       f"extendedKeyUsage={purpose}\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self.openssl("req", "-new", "-key", self.path(f"{name}.key"), "-subj", f"/CN={common_name}",
                     "-out", self.path(f"{name}.csr"))
        self.openssl("x509", "-req", "-in", self.path(f"{name}.csr"), "-CA", self.ca, "-CAkey", self.ca_key,
                     "-CAcreateserial", "-days", "365", "-extfile", extensions, "-out", self.path(f"{name}.pem"))

    def server(self, key):
        return self.path(f"{key}.pem"), self.path(f"{key}.key")
