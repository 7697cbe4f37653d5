// link: bulla::os
// The engine without I/O: bytes in, bytes and events out. Here over a socket pair, one thread for each side;
// over anything else that carries bytes, only `send` and `recv` change.
//   example_sans_io CERTIFICATE KEY CA-FILE
#include <bulla/connection.h>
#include <bulla/os.h>

#include <sys/socket.h>

#include <cstdio>
#include <thread>

using namespace bulla;

/// Runs one side to its end. `say` is sent after the handshake; what arrives is printed.
void run(Connection connection, int socket, std::string_view say) {
  ReceiveBuffer in;
  Output out;
  for (;;) {
    Event event = connection.next(in.unread, out, now());
    if (auto* data = std::get_if<AppData>(&event)) {
      std::printf("got: %.*s\n", static_cast<int>(data->bytes.size()), as_text(data->bytes).data());
    } else if (std::holds_alternative<HandshakeDone>(event)) {
      connection.send(as_bytes(say), out).value();
      connection.close_write(out).value();
    } else if (auto* failed = std::get_if<Failed>(&event)) {
      std::fprintf(stderr, "%s\n", failed->error.explain().c_str());
    }
    while (!out.empty()) {
      const ssize_t n = ::send(socket, out.pending().data(), out.pending().size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      out.sent(static_cast<size_t>(n));
    }
    if (std::holds_alternative<NeedInput>(event)) {
      const MutBytes space = in.space();
      const ssize_t n = ::recv(socket, space.data(), space.size(), 0);
      if (n <= 0) return;  // connection.end_of_input() tells a clean end from a cut
      in.filled(static_cast<size_t>(n));
    } else if (std::holds_alternative<PeerClosed>(event) || std::holds_alternative<Failed>(event)) {
      return;
    }
  }
}

int main(int count, char** arguments) {
  if (count < 4) return std::fprintf(stderr, "usage: %s CERTIFICATE KEY CA-FILE\n", arguments[0]), 2;
  auto identity = Identity::from_pem_files(arguments[1], arguments[2]).value();
  auto server = make_server_config({.identity = identity}).value();
  auto client = make_client_config({.roots = roots_from_path(arguments[3]).value()}).value();

  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1;
  const Descriptor near(ends[0]), far(ends[1]);
  std::thread other([&] { run(Connection::server(server), far.number(), "Hello from server!"); });
  run(Connection::client(client, ServerName::parse("localhost").value()), near.number(),
      "Hello from client!");
  other.join();
}
