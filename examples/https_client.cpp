// link: bulla::net
// Fetches a page. The server must prove its name to the given CA, or to the system's roots.
//   example_https_client URL [CA-FILE]
#include <bulla/https_client.h>

#include <cstdio>

int main(int count, char** arguments) {
  using namespace bulla;
  if (count < 2) return std::fprintf(stderr, "usage: %s URL [CA-FILE]\n", arguments[0]), 2;

  net::HttpsClientOptions options;
  if (count > 2)
    options.config = make_client_config({.roots = roots_from_path(arguments[2]).value()}).value();
  auto response = net::HttpsClient(options).get(arguments[1]);
  if (!response) return std::fprintf(stderr, "%s\n", response.error().explain().c_str()), 1;
  std::printf("%d %s\n%s", response->status(), response->head.reason.c_str(), response->body.c_str());
}
