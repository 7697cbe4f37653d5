"""server.py PORT CERT KEY VERSION [CA]: answers every request with what Python's ssl knows of the connection."""
import json
import socket
import ssl
import sys

port, cert, key, version = sys.argv[1:5]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
wanted = ssl.TLSVersion.TLSv1_3 if version == "1.3" else ssl.TLSVersion.TLSv1_2
context.minimum_version = context.maximum_version = wanted
if len(sys.argv) > 5:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(sys.argv[5])

with socket.create_server(("127.0.0.1", int(port))) as listener:
    while True:
        raw, _ = listener.accept()
        try:
            with context.wrap_socket(raw, server_side=True) as tls:
                tls.recv(4096)
                subject = dict(pair[0] for pair in (tls.getpeercert() or {}).get("subject", ()))
                body = json.dumps({"version": tls.version(), "suite": tls.cipher()[0], "resumed": tls.session_reused,
                                   "client": subject.get("commonName")})
                tls.sendall(f"HTTP/1.0 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
                tls.unwrap()
        except OSError:
            pass
