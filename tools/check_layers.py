#!/usr/bin/env python3
"""Reads the include graph and fails on an arrow that points up, on a system header that has no place in the core, and
on third-party code outside the edges. The tables below are the plan of the house (ARCHITECTURE.md)."""
import fnmatch
import re

from sources import blank, code_files, finish, line_of, name_of

# A room and the rooms it may know, itself included.
CORE = ["base", "crypto", "asn1", "x509", "tls"]
ROOMS = {
    "base": ["base"],
    "crypto": ["base", "crypto"],
    "openssl": ["base", "crypto", "openssl"],
    "asn1": ["base", "crypto", "asn1"],
    "x509": ["base", "crypto", "asn1", "x509"],
    "tls": ["base", "crypto", "x509", "tls"],
    "explain": ["base", "crypto", "asn1", "x509", "tls", "explain"],
    "os": ["base", "crypto", "x509", "tls", "os"],
    "pki": ["base", "crypto", "asn1", "x509", "os", "pki"],
    "ca": ["base", "crypto", "asn1", "x509", "os", "pki", "ca"],
    "trust": ["base", "crypto", "asn1", "x509", "os", "pki", "trust"],
    "capi": CORE + ["os", "capi"],
    "http": ["base", "http"],
    "net": ["base", "crypto", "x509", "tls", "os", "http", "net"],
    "cli": CORE + ["explain", "os", "pki", "ca", "trust", "http", "net", "cli"],
}

# A room within the folder of another.
OPENSSL = "crypto/openssl/"

# The room each public header speaks for; the first pattern that fits counts.
PUBLIC = {
    "base": ["bytes.h", "error.h", "errors.def", "result.h", "secret.h", "time.h", "tls_types.h"],
    "crypto": ["provider.h"],
    "openssl": ["openssl_provider.h"],
    "x509": ["certificate.h", "revocation.h", "verification_report.h"],
    "tls": ["config.h", "connection.h", "event.h", "handshake_core.h", "operation.h", "session.h", "tap.h"],
    "explain": ["explain.h"],
    "os": ["os.h", "tls_stream.h"],
    "pki": ["bundle.h", "pkcs12.h", "pki.h", "pki_profile.h", "revocation_authority.h", "zoo.h"],
    "ca": ["ca.h", "ca_status.h"],
    "trust": ["trust.h"],
    "capi": ["bulla.h", "c.h"],
    "net": ["asio_*.h", "https_*.h", "net.h", "net/*.h"],
    "http": ["http.h", "http_peer.h"],
}

# Sockets, files, threads, clocks and streams: what the core receives as arguments.
BANNED_IN_CORE = re.compile(
    r"^(thread|stop_token|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|coroutine|iostream|"
    r"fstream|sstream|istream|ostream|iomanip|syncstream|filesystem|ctime|time\.h|random|csignal|signal\.h|pthread\.h|"
    r"unistd\.h|fcntl\.h|netdb\.h|poll\.h|dlfcn\.h|(sys|netinet|arpa|net|linux)/.*)$")
BANNED_CALLS_IN_CORE = re.compile(
    r"_clock::now\b|(?:\bstd::|(?<![\w:])::)(time|clock|rand|getenv|fopen|printf|system)\s*\(|\b(gettimeofday|clock_gettime|"
    r"localtime|gmtime|getrandom)\b|\bthread_local\b|\bstd::(cout|cerr|clog|cin)\b")

# Third-party headers by their first folder, and where they may be included.
THIRD_PARTY = {
    "boost": ["src/http/", "src/net/", "src/cli/", "include/bulla/net", "include/bulla/asio_", "include/bulla/https_"],
    "openssl": ["src/crypto/openssl/"],
    "CLI": ["src/cli/"],
    "nghttp2": ["src/http/"],
    "zlib.h": ["src/http/"],
    "sqlite3.h": ["src/ca/", "src/trust/"],
    "gtest": [],
    "gmock": [],
}
# System calls in the core: where keys and nonces get their entropy.
ALLOWED_IN_CORE = {"src/crypto/drbg/system_random.cpp": {"sys/random.h", "getrandom"}}

# What is fenced off, and who may reach it: what no longer resists an attacker must not be picked by accident.
FENCES = [
    # The word alone: `using enum HashId` makes it a name by itself.
    ("SHA-1", re.compile(r"\bsha1(_kernels)?\b"), [
        "include/bulla/provider.h", "src/asn1/oid.h", "src/crypto/builtin/", "src/crypto/openssl/", "src/crypto/sha1/",
        "src/x509/pbes2.", "src/pki/pkcs12_mac.cpp",  # PBKDF2 and MACs of files that others wrote
        "src/x509/algorithm.cpp",      # names it in order to refuse it
        "src/pki/zoo/",                # signs with it in order that others refuse it
        "src/x509/ocsp_cert_id.cpp",   # OCSP names issuers and responders by it
        "src/trust/nss_database.cpp",  # NSS says by it which certificate a trust object is about
    ]),
    ("CBC", re.compile(r"\bcbc_(en|de)crypt\w*|\bkey_files\b|\bKeyFileCipher\b"), [
        "include/bulla/provider.h", "src/crypto/builtin/", "src/crypto/openssl/", "src/crypto/aes_cbc/",
        "src/x509/pbes2.cpp", "src/pki/pbes2_writer.cpp",
    ]),
]
FENCED_FOLDERS = {"crypto/sha1/": ["src/crypto/"], "crypto/aes_cbc/": ["src/crypto/"],
                  "crypto/scrypt/": ["src/x509/pbes2.", "src/pki/pbes2_writer.cpp"]}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def public_room(header):
    for room, patterns in PUBLIC.items():
        if any(fnmatch.fnmatch(header, pattern) for pattern in patterns):
            return room
    return None


def room_of_file(name):
    parts = name.split("/")
    if parts[0] == "src":
        room = "openssl" if name.startswith("src/" + OPENSSL) else parts[1]
        return room if room in ROOMS else None
    return public_room("/".join(parts[2:]))


def room_of_include(header):
    """The room an include line points to: (room, known); room is None for what is not ours."""
    if header.startswith("bulla/"):
        room = public_room(header[len("bulla/"):])
        return room, room is not None
    if header.startswith(OPENSSL):
        return "openssl", True
    first, *rest = header.split("/")
    return (first, True) if first in ROOMS and rest and first not in THIRD_PARTY else (None, True)


def check_include(name, room, line, header):
    """Yields what is wrong with one include line."""
    target, known = room_of_include(header)
    where = f"{name}:{line}"
    if not known:
        yield f"{where}: <{header}> is in no room; add it to PUBLIC in tools/check_layers.py"
    elif target and target not in ROOMS[room]:
        yield f"{where}: {room} may not know {target} ({header})"
    if target is None and room in CORE and BANNED_IN_CORE.match(header) and header not in ALLOWED_IN_CORE.get(name, ()):
        yield f"{where}: <{header}> has no place in {room}: pass what it gives as an argument"
    first = header.split("/")[0]
    if first in THIRD_PARTY and not any(name.startswith(place) for place in THIRD_PARTY[first]):
        yield f"{where}: <{header}> is third-party code outside its place"
    for folder, places in FENCED_FOLDERS.items():
        if header.startswith(folder) and not name.startswith((*places, "src/" + folder)):
            yield f"{where}: {header} is fenced off from here"
    if re.match(r"openssl/(ssl|tls1|ssl3|dtls1)\.h", header):
        yield f"{where}: <{header}>: libssl is for tests and benchmarks only"


def check_fences(name, code):
    """Yields each mention, in a text without comments and strings, of what is fenced off from this file."""
    for what, pattern, places in FENCES:
        if not any(name.startswith(place) for place in places):
            for match in pattern.finditer(code):
                yield f"{name}:{line_of(code, match.start())}: '{match.group(0)}': {what} is fenced off from here"


def check_file(path):
    name = name_of(path)
    room = room_of_file(name)
    if room is None:
        return [f"{name}: is in no room; add it to tools/check_layers.py"]
    text = blank(path.read_text(), keep_strings=True)
    findings = []
    for match in INCLUDE.finditer(text):
        findings += check_include(name, room, line_of(text, match.start()), match.group(2))
    if room in CORE:
        code = blank(path.read_text())
        for match in BANNED_CALLS_IN_CORE.finditer(code):
            if match.group(0) in ALLOWED_IN_CORE.get(name, ()):
                continue
            findings.append(f"{name}:{line_of(code, match.start())}: '{match.group(0)}' has no place in {room}")
    findings += check_fences(name, blank(path.read_text()))
    return findings


def main():
    findings = []
    for path in code_files("include", "src"):
        findings += check_file(path)
    finish("layers", findings)


if __name__ == "__main__":
    main()
