#!/usr/bin/env python3
"""trust.py BULLA: after `bulla ca trust install`, curl, Chromium, Java, Node, NSS's and OpenSSL's own tools accept a page of
`bulla serve` without any flag; after `uninstall` they refuse it.

Everything happens in a mount namespace, with a home of its own and overlays over the folders where the system's stores are:
the machine is as it was, however this ends, and a look from outside afterwards says so. Needs root (or a skip says so)."""
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from common import Skipped, need

HERE = pathlib.Path(__file__).resolve().parent
# What a change of the stores of Debian and its kin writes to.
OVERLAID = ("/etc", "/usr/local/share", "/var/lib", "/var/log", "/var/cache")
WATCHED = ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/java/cacerts", "/usr/local/share/ca-certificates",
           "/var/lib/bulla", "/var/lib/ca-certificates-java", "/var/lib/dpkg/triggers")
PAGE = "trusted at last"


def run(command, timeout=120, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, timeout=timeout, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, check=False, **more)


# ---- clients, without any flag about trust ---------------------------------------------------------------------------------


def curl(url, env):
    return run([need("curl"), "-sS", url], env=env).stdout


def openssl(url, env):
    port = re.search(r":(\d+)/", url)[1]
    said = run([need("openssl"), "s_client", "-connect", f"localhost:{port}", "-verify_return_error", "-brief"], env=env)
    return PAGE if said.returncode == 0 else ""


def python(url, env):
    script = f"import urllib.request as u; print(u.urlopen({url!r}).read().decode())"
    # The system's Python: others bring roots of their own.
    return run(["/usr/bin/python3", "-c", script], env=env).stdout


def java(url, env):
    return run([need("java"), HERE / "TrustedGet.java", url], env=env).stdout


def node(url, env):
    script = f"fetch({url!r}).then(r => r.text()).then(console.log, e => process.exit(1))"
    return run([need("node"), "-e", script], env=env).stdout


def chromium(url, env):
    profile = pathlib.Path(env["HOME"]) / "profile"
    return run([need("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", f"--user-data-dir={profile}", "--dump-dom", url], env=env).stdout


def nss(url, env):
    """NSS as Firefox has it, with the profile's database and no other roots."""
    port = re.search(r":(\d+)/", url)[1]
    said = run([need("tstclnt"), "-4", "-h", "localhost", "-p", port, "-d", f"sql:{firefox_profile(env)}", "-Q"], env=env)
    return PAGE if said.returncode == 0 else ""


def firefox_profile(env):
    return pathlib.Path(env["HOME"]) / ".mozilla/firefox/abcd.default-release"


# Whom which store convinces.
SYSTEM = {"curl": curl, "openssl": openssl, "python": python, "java": java}
BROWSERS = {"chromium": chromium, "nss": nss}


class Machine:
    """This one, as it looks from inside the namespace."""

    def __init__(self, bulla, folder):
        self.bulla, self.home = bulla, pathlib.Path(folder) / "home"
        self.home.mkdir()
        left_out = ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "JAVA_HOME",
                    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSLKEYLOGFILE", "JAVA_TOOL_OPTIONS")
        self.env = {k: v for k, v in os.environ.items() if k not in left_out and not k.lower().endswith("_proxy")}
        self.env |= {"HOME": str(self.home), "NO_PROXY": "*"}

    def trust(self, line, status):
        done = run([self.bulla, "ca", "trust", *line.split()], env=self.env, timeout=600)
        assert done.returncode == status, f"ca trust {line}: {done.returncode}, not {status}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def standings(self, stores="system,nss,java"):
        """What `status` says: {store: {standings}}."""
        done = run([self.bulla, "ca", "trust", "status", "--json", "--store", stores], env=self.env, timeout=600)
        out = {}
        for store in json.loads(done.stdout)["roots"][0]["stores"]:
            out.setdefault(store["store"], set()).add(store["standing"])
        wanted = 0 if all(standing <= {"trusted", "not there"} for standing in out.values()) else 3
        assert done.returncode == wanted, (done.returncode, out)
        return out

    def make_profile(self):
        profile = firefox_profile(self.env)
        profile.mkdir(parents=True)
        made = run([need("certutil"), "-N", "--empty-password", "-d", f"sql:{profile}"], env=self.env)
        assert made.returncode == 0, made.stderr

    @contextlib.contextmanager
    def server(self):
        """`bulla serve`, which makes its local CA; its address."""
        process = subprocess.Popen([self.bulla, "serve", "--listen", "localhost:0", "--text", PAGE], env=self.env,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for line in process.stderr:
                if found := re.search(r"at (https://localhost:\d+/)", line):
                    yield found[1]
                    return
            raise AssertionError("bulla serve did not start")
        finally:
            process.terminate()
            process.wait(10)


def expect(url, env, clients, accept):
    for name, client in clients.items():
        try:
            got = client(url, env)
        except Skipped as missing:
            print(f"  {name}: SKIPPED, no {missing}")
            continue
        assert (PAGE in got) == accept, f"{name} {'refuses' if accept else 'accepts'} the page: {got[-500:]}"
        print(f"  {name} {'accepts' if accept else 'refuses'}")


def has(kind, standings):
    return standings.get(kind, {"not there"}) != {"not there"}


def story(machine):
    machine.make_profile()
    everybody = SYSTEM | BROWSERS | {"node": node}
    with machine.server() as url:
        print("before")
        expect(url, machine.env, everybody, accept=False)
        dry = machine.trust("install", 0)
        assert "Nothing was changed." in dry and "update-ca-certificates" in dry and "certutil" in dry, dry
        before = machine.standings()
        assert before["system"] == {"not trusted"} and before["nss"] == {"not trusted"}, before
        expect(url, machine.env, {"curl": curl}, accept=False)

        print("after install")
        machine.trust("install --yes", 0)
        after = machine.standings()
        assert all(standing == {"trusted"} for kind, standing in after.items() if has(kind, before)), after
        expect(url, machine.env, SYSTEM | BROWSERS, accept=True)
        expect(url, machine.env, {"node": node}, accept=False)
        said = machine.trust("install", 0)
        variable = re.search(r"export (NODE_EXTRA_CA_CERTS)=(\S+)", said)
        with_variable = machine.env | {variable[1]: variable[2]}
        expect(url, with_variable, {"node": node}, accept=True)
        assert "PRIVATE KEY" not in pathlib.Path(variable[2]).read_text()
        once_more = machine.trust("install --yes", 0)
        assert "certutil" not in once_more, once_more

        print("after uninstall")
        machine.trust("uninstall --yes", 0)
        assert machine.standings() == before, machine.standings()
        # Chromium remembers no visit: its profile is new.
        shutil.rmtree(machine.home / "profile", ignore_errors=True)
        expect(url, machine.env, everybody, accept=False)


def a_root_that_is_gone_is_uninstalled(machine):
    """The CA's folder is lost and another one made: what it installed is still found, by its record."""
    machine.trust("install --yes --store nss", 0)
    data = machine.home / ".local/share/bulla"
    for file in ("ca.pem", "ca-key.pem", "records.sqlite"):
        (data / file).unlink(missing_ok=True)
    with machine.server() as url:
        assert "An earlier root" in machine.trust("status --store nss", 3)
        # The same name, another key: it is not trusted for that.
        expect(url, machine.env, BROWSERS, accept=False)
    machine.trust("uninstall --yes --store nss", 0)
    listing = run([need("certutil"), "-L", "-d", f"sql:{firefox_profile(machine.env)}"], env=machine.env).stdout
    assert "bulla" not in listing, listing
    print("a root that the folder no longer has is taken out")


def inside(bulla, folder):
    for place in filter(os.path.isdir, OVERLAID):
        layers = [os.path.join(folder, place.replace("/", "_"), name) for name in ("upper", "work")]
        for layer in layers:
            os.makedirs(layer)
        options = f"lowerdir={place},upperdir={layers[0]},workdir={layers[1]}"
        mounted = run(["mount", "-t", "overlay", "overlay", "-o", options, place])
        if mounted.returncode:
            raise Skipped(f"overlay over {place}: {mounted.stderr.strip()}")
    machine = Machine(bulla, folder)
    story(machine)
    a_root_that_is_gone_is_uninstalled(machine)


def digest_of_stores():
    """What the machine's stores are, from outside."""
    out = hashlib.sha256()
    for name in WATCHED:
        path = pathlib.Path(name)
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            out.update(str(file).encode() + (file.read_bytes() if file.is_file() else b""))
    return out.hexdigest()


def outside(bulla):
    if os.geteuid() != 0:
        raise Skipped("root, who may have a mount namespace")
    for program in ("unshare", "mount", "curl", "openssl", "certutil", "update-ca-certificates"):
        need(program)
    if run([need("unshare"), "-m", "true"]).returncode:
        raise Skipped("a mount namespace")
    before = digest_of_stores()
    with tempfile.TemporaryDirectory(prefix="bulla-trust-") as folder:
        # A file system of its own: an overlay's layers may not lie on another overlay.
        script = 'mount -t tmpfs tmpfs "$1" && exec "$2" "$3" "$4" --inside "$1"'
        done = subprocess.run([need("unshare"), "-m", "--propagation", "private", "sh", "-c", script, "sh", folder, sys.executable,
                               os.path.abspath(__file__), bulla], check=False)
    assert digest_of_stores() == before, "the machine's own stores were changed"
    return done.returncode


def main():
    bulla = os.path.abspath(sys.argv[1])
    try:
        if "--inside" in sys.argv:
            inside(bulla, sys.argv[sys.argv.index("--inside") + 1])
            return 0
        return outside(bulla)
    except Skipped as missing:
        print(f"SKIPPED: needs {missing}")
        return 77


if __name__ == "__main__":
    sys.exit(main())
