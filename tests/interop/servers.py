"""Servers that we did not write, against our client; and ours, against their clients."""
import json
import os
import re
import sys
import tempfile

from common import Process, Report, free_port, iana, need, version_of

HERE = os.path.dirname(os.path.abspath(__file__))


class OurServer(Process):
    def __init__(self, driver, certs, version, key, client_auth):
        port = free_port()
        command = [driver, "server", str(port), *certs.server(key), version] + ([certs.ca] if client_auth else [])
        super().__init__(command, port)


class Server:
    can_resume = True
    can_authenticate = True


class Openssl(Server):
    name = "openssl s_server"

    def serve(self, certs, version, key, client_auth):
        port = free_port()
        chain, secret = certs.server(key)
        command = [need("openssl"), "s_server", "-accept", str(port), "-cert", chain, "-key", secret, "-www", "-quiet",
                   "-tls1_3" if version == "1.3" else "-tls1_2"]
        if client_auth:
            command += ["-Verify", "2", "-CAfile", certs.ca, "-verify_return_error"]
        return Process(command, port)

    def read(self, body):
        found = re.search(r"(New|Reused), (\S+), Cipher is (\S+)", body)
        client = re.search(r"Subject: CN ?= ?(\S+)", body)
        return Report(version_of(re.search(r"Protocol\s*: (\S+)", body)[1]), iana(found[3]), found[1] == "Reused",
                      client=client[1] if client else None)


class Gnutls(Server):
    name = "gnutls-serv"

    def serve(self, certs, version, key, client_auth):
        port = free_port()
        chain, secret = certs.server(key)
        command = [need("gnutls-serv"), "--http", "--port", str(port), "--x509certfile", chain, "--x509keyfile", secret,
                   "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}:-CIPHER-ALL:+AES-128-GCM"]
        command += ["--x509cafile", certs.ca, "--require-client-cert", "--verify-client-cert"] if client_auth else \
                   ["--disable-client-cert"]
        return Process(command, port)

    def read(self, body):
        text = re.sub(r"<[^>]*>", " ", body)
        return Report(version_of(re.search(r"Protocol version:\s*(\S+)", text)[1]),
                      client="client" if "CN=client" in text else None)


class Nginx(Server):
    name = "nginx"

    def serve(self, certs, version, key, client_auth):
        port, nginx = free_port(), need("nginx")
        chain, secret = certs.server(key)
        folder = tempfile.TemporaryDirectory(prefix="nginx-", dir=certs.folder)
        os.chmod(certs.folder, 0o755)
        verify = f"ssl_verify_client on; ssl_client_certificate {certs.ca};" if client_auth else ""
        page = "$ssl_protocol $ssl_cipher $ssl_session_reused $ssl_client_s_dn"
        with open(f"{folder.name}/nginx.conf", "w", encoding="ascii") as file:
            file.write(f"""daemon off; pid {folder.name}/pid; error_log {folder.name}/error.log; master_process off;
events {{}}
http {{ access_log off; client_body_temp_path {folder.name}; proxy_temp_path {folder.name};
  fastcgi_temp_path {folder.name}; uwsgi_temp_path {folder.name}; scgi_temp_path {folder.name};
  server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {secret};
    ssl_protocols TLSv{version}; ssl_session_cache builtin; {verify} keepalive_timeout 0;
    location / {{ return 200 "{page}"; }} }} }}
""")
        process = Process([nginx, "-p", folder.name, "-c", f"{folder.name}/nginx.conf"], port)
        process.folder = folder
        return process

    def read(self, body):
        words = body.split("\r\n\r\n", 1)[1].split()
        return Report(version_of(words[0]), iana(words[1]), words[2] == "r",
                      client=words[3].removeprefix("CN=") if len(words) > 3 else None)


class Python(Server):
    name = "Python ssl"

    def serve(self, certs, version, key, client_auth):
        port = free_port()
        command = [sys.executable, os.path.join(HERE, "server.py"), str(port), *certs.server(key), version]
        return Process(command + ([certs.ca] if client_auth else []), port)

    def read(self, body):
        r = json.loads(body.split("\r\n\r\n", 1)[1])
        return Report(version_of(r["version"]), iana(r["suite"]), r["resumed"], client=r["client"])


class Node(Server):
    name = "Node.js"

    def serve(self, certs, version, key, client_auth):
        port = free_port()
        command = [need("node"), os.path.join(HERE, "server.js"), str(port), *certs.server(key), version]
        return Process(command + ([certs.ca] if client_auth else []), port)

    def read(self, body):
        r = json.loads(body.split("\r\n\r\n", 1)[1])
        return Report(version_of(r["version"]), iana(r["suite"]), r["resumed"], client=r["client"])


def peers(full):
    few = [Openssl(), Gnutls(), Nginx(), Python()]
    return few + [Node()] if full else few
