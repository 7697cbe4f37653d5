// link: bulla::net
// An HTTPS server for clients with a certificate, which tells each of them who it is.
//   example_mutual_tls CERTIFICATE KEY CLIENT-CA [HOST:PORT]
#include <bulla/https_server.h>

#include <cstdio>

int main(int count, char** arguments) {
  using namespace bulla;
  if (count < 4)
    return std::fprintf(stderr, "usage: %s CERTIFICATE KEY CLIENT-CA [HOST:PORT]\n", arguments[0]), 2;

  auto config = make_server_config({
      .identity = Identity::from_pem_files(arguments[1], arguments[2]).value(),
      .client_auth = ClientAuth::required,
      .client_roots = roots_from_path(arguments[3]).value(),
  });
  net::HttpsServer server(config.value());
  server.get("/", [](const http::Request& request) {
    const http::ClientCertificate& client = *request.peer.client;  // required: there always is one
    std::string text = "You are " + client.subject + "\n";
    for (const std::string& name : client.names) text += "  also " + name + "\n";
    return http::Response().text(text + "  fingerprint " + client.sha256 + "\n");
  });
  server.stop_on_signals();
  server.start(count > 4 ? arguments[4] : "localhost:8443").value();
  std::printf("listening on https://localhost:%u\n", server.port());
  std::fflush(stdout);
  server.wait();
}
