// link: bulla::os
// Sends a line over TLS and prints what comes back.
//   example_tls_client HOST:PORT [CA-FILE]
#include <bulla/tls_stream.h>

#include <cstdio>

int main(int count, char** arguments) {
  using namespace bulla;
  if (count < 2) return std::fprintf(stderr, "usage: %s HOST:PORT [CA-FILE]\n", arguments[0]), 2;

  auto roots = count > 2 ? roots_from_path(arguments[2]) : system_roots();
  auto config = make_client_config({.roots = roots.value()}).value();
  auto tls = TlsStream::connect(config, Endpoint::parse(arguments[1], 443).value());
  if (!tls) return std::fprintf(stderr, "%s\n", tls.error().explain().c_str()), 1;

  tls->write(as_bytes("Hello from client!\n")).value();
  tls->close_write().value();  // half-close: the answer still comes
  uint8_t buffer[4096];
  while (size_t n = tls->read(buffer).value()) std::fwrite(buffer, 1, n, stdout);
  std::printf("%s, %s\n", name_of(tls->info().version).c_str(), name_of(tls->info().suite).c_str());
}
