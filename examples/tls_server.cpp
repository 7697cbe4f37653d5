// link: bulla::os
// A TLS echo server on a blocking socket, one client after the other.
//   example_tls_server CERTIFICATE KEY [HOST:PORT]
#include <bulla/tls_stream.h>

#include <cstdio>

int main(int count, char** arguments) {
  using namespace bulla;
  if (count < 3) return std::fprintf(stderr, "usage: %s CERTIFICATE KEY [HOST:PORT]\n", arguments[0]), 2;

  auto identity = Identity::from_pem_files(arguments[1], arguments[2]).value();
  auto config = make_server_config({.identity = identity, .tickets = RotatingTickets::fresh()}).value();
  auto listener =
      TcpListener::listen(Endpoint::parse(count > 3 ? arguments[3] : "127.0.0.1:0").value()).value();
  std::printf("listening on localhost:%u\n", listener.port());
  std::fflush(stdout);

  for (;;) {
    auto client = listener.accept().value();
    auto tls = TlsStream::accept(std::move(client.socket), config);
    if (!tls) {
      std::fprintf(stderr, "%s\n", tls.error().explain().c_str());
      continue;
    }
    uint8_t buffer[4096];
    for (;;) {
      auto n = tls->read(buffer);  // 0: a clean end; an error where the connection was cut
      if (!n || *n == 0 || !tls->write(Bytes(buffer, *n))) break;
    }
    tls->close();
  }
}
