// link: bulla::net
// TLS in Boost.Asio coroutines: an echo server and a client of it in one program.
//   example_asio_echo CERTIFICATE KEY CA-FILE
#include <bulla/asio_stream.h>
#include <bulla/os.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdio>

namespace net = boost::asio;
using net::use_awaitable;
using net::ip::tcp;

net::awaitable<void> serve(tcp::acceptor& acceptor, bulla::ServerConfigPtr config) {
  tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
  bulla::asio::stream<tcp::socket> tls(std::move(socket), config);
  co_await tls.async_handshake(use_awaitable);
  std::array<char, 4096> bytes;
  for (;;) {
    boost::system::error_code ec;  // eof: a clean end; bulla::asio::stream_errc::truncated: a cut
    auto token = net::redirect_error(use_awaitable, ec);
    const auto space = net::buffer(bytes);
    const size_t n = co_await tls.async_read_some(space, token);
    if (ec) break;
    const auto data = net::buffer(bytes.data(), n);
    co_await net::async_write(tls, data, use_awaitable);
  }
  co_await tls.async_shutdown(use_awaitable);
}

net::awaitable<void> ask(tcp::endpoint where, bulla::ClientConfigPtr config) {
  const auto executor = co_await net::this_coro::executor;
  tcp::socket socket(executor);
  co_await socket.async_connect(where, use_awaitable);
  bulla::asio::stream<tcp::socket> tls(std::move(socket), config, "localhost");
  co_await tls.async_handshake(use_awaitable);
  const std::string_view question = "Hello from client!";
  const auto data = net::buffer(question);
  co_await net::async_write(tls, data, use_awaitable);
  std::string answer(question.size(), ' ');
  const auto space = net::buffer(answer);
  co_await net::async_read(tls, space, use_awaitable);
  std::printf("echo: %s (%s)\n", answer.c_str(), name_of(tls.info().version).c_str());
  co_await tls.async_shutdown(use_awaitable);
}

int main(int count, char** arguments) {
  if (count < 4) return std::fprintf(stderr, "usage: %s CERTIFICATE KEY CA-FILE\n", arguments[0]), 2;
  auto identity = bulla::Identity::from_pem_files(arguments[1], arguments[2]).value();
  auto server = bulla::make_server_config({.identity = identity}).value();
  auto client = bulla::make_client_config({.roots = bulla::roots_from_path(arguments[3]).value()}).value();

  net::io_context io(1);
  tcp::acceptor acceptor(io, {net::ip::address_v4::loopback(), 0});
  int failures = 0;
  const auto report = [&](std::exception_ptr failure) {
    if (!failure) return;
    ++failures;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& exception) {
      std::fprintf(stderr, "%s\n", exception.what());
    }
  };
  net::co_spawn(io, serve(acceptor, server), report);
  net::co_spawn(io, ask(acceptor.local_endpoint(), client), report);
  io.run();
  return failures;
}
