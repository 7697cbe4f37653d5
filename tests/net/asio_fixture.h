// Two ends of a TLS stream over Asio, connected through the loopback.
#pragma once

#include "os/fixture.h"

#include <bulla/asio_stream.h>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace bulla::test {

using AsioCode = ::boost::system::error_code;
using TcpStream = asio::stream<::boost::asio::ip::tcp::socket>;

inline std::pair<::boost::asio::ip::tcp::socket, ::boost::asio::ip::tcp::socket> connected(
    ::boost::asio::io_context& io) {
  using ::boost::asio::ip::tcp;
  tcp::acceptor acceptor(io, {::boost::asio::ip::address_v4::loopback(), 0});
  tcp::socket near(io), far(io);
  near.connect(acceptor.local_endpoint());
  acceptor.accept(far);
  return {std::move(near), std::move(far)};
}

struct Ends {
  explicit Ends(const ClientConfigPtr& with = client_config(), const ServerConfigPtr& at = server_config(),
                std::string_view name = "localhost")
      : client(std::move(sockets.first), with, name), server(std::move(sockets.second), at) {}
  ::boost::asio::io_context io{1};
  std::pair<::boost::asio::ip::tcp::socket, ::boost::asio::ip::tcp::socket> sockets = connected(io);
  TcpStream client, server;

  /// Both handshakes; what they gave.
  std::pair<AsioCode, AsioCode> handshake() {
    std::pair<AsioCode, AsioCode> out;
    client.async_handshake([&](AsioCode ec) { out.first = ec; });
    server.async_handshake([&](AsioCode ec) { out.second = ec; });
    run();
    return out;
  }
  void run() {
    io.restart();
    io.run();
  }
};

}  // namespace bulla::test
