// link: bulla::net
// An HTTPS server with a handler and a folder of files; SIGTERM or Ctrl-C ends it.
//   example_https_server CERTIFICATE KEY [HOST:PORT [FOLDER]]
#include <bulla/https_server.h>

#include <cstdio>

int main(int count, char** arguments) {
  using namespace bulla;
  if (count < 3)
    return std::fprintf(stderr, "usage: %s CERTIFICATE KEY [HOST:PORT [FOLDER]]\n", arguments[0]), 2;

  auto identity = Identity::from_pem_files(arguments[1], arguments[2]).value();
  net::HttpsServer server(
      make_server_config({.identity = identity, .tickets = RotatingTickets::fresh()}).value());
  server.get("/hello/:name", [](const http::Request& request) {
    return http::Response().text("Hello " + std::string(*request.param("name")) + "!\n");
  });
  if (count > 4) server.serve_files(arguments[4]).value();
  server.stop_on_signals();
  server.start(count > 3 ? arguments[3] : "localhost:8443").value();
  std::printf("listening on https://localhost:%u\n", server.port());
  std::fflush(stdout);
  server.wait();
}
