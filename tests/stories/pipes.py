"""`bulla connect` and `bulla listen` in pipes and scripts: bytes of any kind, ends of streams, peers that vanish, and
standard descriptors that somebody closed."""
import os
import pathlib
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
import unittest

from shell import PATIENCE, Story

CA = "data/bulla/ca.pem"
IDENTITIES = pathlib.Path(__file__).resolve().parents[1] / "tls" / "data"


def serve_and_hang_up(listener, said):
    """A server that closes its side of TCP right after the handshake, without close_notify; `said`: what came then."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(IDENTITIES / "p256.pem", IDENTITIES / "p256.key.pem")
    received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(received, to_send, server_side=True)

    def until_done(step, sock):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                if bytes_out := to_send.read():
                    sock.sendall(bytes_out)
                if bytes_in := sock.recv(65536):
                    received.write(bytes_in)
                else:
                    received.write_eof()

    sock = listener.accept()[0]
    with sock:
        until_done(tls.do_handshake, sock)
        sock.sendall(to_send.read())
        sock.shutdown(socket.SHUT_WR)
        try:
            said.append(until_done(lambda: tls.read(100), sock))
        except ssl.SSLError as error:
            said.append(error)


class Pipes(Story):
    def connect(self, port, stdin=subprocess.DEVNULL, **more):
        return subprocess.Popen(["bulla", "connect", f"localhost:{port}", "--ca", CA], cwd=self.folder, env=self.env,
                                stdin=stdin, stdout=more.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE, **more)

    def finish(self, process, status):
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, status, err.decode())
        return out, err.decode()

    def test_every_byte_value_passes_unchanged(self):
        data = bytes(range(256)) * 1000
        (self.folder / "bytes").write_bytes(data)
        read, write = os.pipe()
        listener = self.start("bulla listen localhost:0", r"localhost:(\d+)[^$]*?Try:", stdout=write)
        os.close(write)
        listener.end_input()
        with open(self.folder / "bytes", "rb") as file:
            client = self.connect(listener.match.group(1), stdin=file)
        with open(read, "rb") as received:
            self.assertEqual(received.read(), data)
        self.finish(client, 0)
        self.assertEqual(listener.wait(), 0)

    def test_the_answer_may_come_long_after_the_question_ended(self):
        listener = self.listen("")
        client = self.connect(listener.port)
        listener.wait_for("Client 127")
        time.sleep(0.3)
        self.assertIsNone(client.poll())
        listener.type("late, but whole\n")
        listener.end_input()
        self.assertEqual(self.finish(client, 0)[0], b"late, but whole\n")
        self.assertEqual(listener.wait(), 0)

    def test_a_peer_that_is_killed_is_told_apart_from_an_end(self):
        listener = self.listen("")
        client = self.connect(listener.port, stdin=subprocess.PIPE)
        listener.wait_for("Client 127")
        client.kill()
        self.assertEqual(listener.wait(), 1)
        self.assertRegex(listener.err, "truncated|connection_reset")
        client.communicate()

        listener = self.listen("")
        client = self.connect(listener.port, stdin=subprocess.PIPE)
        listener.wait_for("Client 127")
        listener.process.kill()
        # Not communicate(): the end must be seen while standard input stays open.
        self.assertEqual(client.wait(PATIENCE), 1)
        self.assertRegex(client.stderr.read().decode(), "truncated|connection_reset")
        client.communicate()

    def test_a_peer_that_hangs_up_without_a_word_still_gets_close_notify(self):
        """RFC 9846 6.1: each party says it before it closes its write side."""
        said = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE)
            server = threading.Thread(target=serve_and_hang_up, args=(listener, said))
            server.start()
            client = subprocess.Popen(["bulla", "connect", f"localhost:{listener.getsockname()[1]}", "--ca",
                                       str(IDENTITIES / "ca.pem")], cwd=self.folder, env=self.env,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(client.wait(PATIENCE), 1)
            server.join()
        self.assertIn("truncated", client.communicate()[1].decode())
        self.assertEqual(said, [b""], "the end, with close_notify")

    def test_a_server_that_stops_says_goodbye(self):
        listener = self.listen("")
        client = self.connect(listener.port)
        listener.wait_for("Client 127")
        self.assertEqual(listener.stop(signal.SIGTERM), 0)
        self.finish(client, 0)

    def test_a_connection_that_is_reset_at_once_has_a_name_in_the_log(self):
        listener = self.listen("")
        with socket.create_connection(("localhost", int(listener.port))) as sock:
            port = sock.getsockname()[1]
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.assertEqual(listener.wait(), 1)
        self.assertIn(f"Client 127.0.0.1:{port} failed", listener.err)

    def test_a_signal_that_is_to_be_ignored_is(self):
        """A shell without job control starts what stands in the background with SIGINT ignored."""
        listener = self.start_shell("trap '' INT; exec bulla listen localhost:0", r"localhost:(\d+)[^$]*?Try:")
        listener.process.send_signal(signal.SIGINT)
        client = self.connect(listener.match.group(1))
        listener.wait_for("Client 127")
        listener.process.send_signal(signal.SIGINT)
        listener.type("still here\n")
        listener.end_input()
        self.assertEqual(self.finish(client, 0)[0], b"still here\n")
        self.assertEqual(listener.wait(), 0)

    def test_a_silent_peer_is_given_up(self):
        listener = self.listen("--timeout 1")
        with socket.create_connection(("localhost", int(listener.port))):
            self.assertEqual(listener.wait(), 1)
        self.assertIn("handshake_timeout", listener.err)

    def test_an_output_that_nobody_reads_any_more(self):
        listener = self.listen("")
        client = self.connect(listener.port, stdin=subprocess.PIPE)
        client.stdout.close()
        listener.type("x" * 100_000, wait=False)
        self.assertEqual(client.wait(PATIENCE), 1)
        self.assertIn("standard output: Broken pipe", client.stderr.read().decode())
        client.stdin.close()
        client.stderr.close()

    def test_an_input_that_cannot_be_read(self):
        listener = self.listen("")
        folder = os.open(self.folder, os.O_RDONLY)
        client = self.connect(listener.port, stdin=folder)
        os.close(folder)
        self.assertIn("standard input: Is a directory", self.finish(client, 1)[1])

    # A descriptor that is closed at the start must not become the socket's number: what is decrypted would go back
    # over the network in clear, or the network would be read as standard input.

    def shell(self, line):
        return subprocess.Popen(["sh", "-c", line], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_standard_input_is_closed(self):
        listener = self.listen("")
        client = self.shell(f"exec bulla connect localhost:{listener.port} --ca {CA} <&-")
        listener.type("hi\n")
        listener.end_input()
        self.assertEqual(self.finish(client, 0)[0], b"hi\n")
        self.assertEqual(listener.wait(), 0)
        self.assertEqual(listener.out, "")

    def test_standard_output_is_closed(self):
        listener = self.listen("")
        client = self.shell(f"exec bulla connect localhost:{listener.port} --ca {CA} >&-")
        listener.type("this is secret\n")
        listener.end_input()
        self.assertIn("standard output: Bad file descriptor", self.finish(client, 1)[1])
        listener.wait()
        self.assertEqual(listener.out, "")  # nothing came back

    def test_all_three_are_closed(self):
        listener = self.listen("")
        client = self.shell(f"exec bulla connect localhost:{listener.port} --ca {CA} <&- >&- 2>&-")
        listener.end_input()
        self.finish(client, 0)
        self.assertEqual(listener.wait(), 0)

    def test_a_product_that_cannot_be_written_is_a_failure(self):
        server = self.serve("--text hi")
        client = self.shell(f"exec bulla get --ca {CA} {server.url} >/dev/full")
        self.assertIn("No space left", self.finish(client, 1)[1])


if __name__ == "__main__":
    unittest.main()
