// The rooms on Boost from an installed tree: the Asio stream beside the user's own Asio, and the HTTPS
// client.
#include <bulla/asio_stream.h>
#include <bulla/https_client.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdio>

int main() {
  boost::asio::io_context io;
  bulla::ClientOptions options;
  options.roots = bulla::RootStore{};
  bulla::asio::stream<boost::asio::ip::tcp::socket> stream(
      boost::asio::ip::tcp::socket(io), bulla::make_client_config(options).value(), "localhost");
  // Port 1 of this machine: nobody listens there, and the failure is a value.
  const auto response = bulla::net::HttpsClient("https://127.0.0.1:1").get("/");
  std::puts(response ? "net: FAILED: somebody answered on port 1" : "net: as expected");
  return response ? 1 : 0;
}
