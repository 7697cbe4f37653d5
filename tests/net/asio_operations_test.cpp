// Operations that are answered elsewhere, and layers other than a socket.
#include "net/asio_fixture.h"

#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <thread>

namespace bulla {
namespace {

namespace net = ::boost::asio;
using net::ip::tcp;
using test::connected;
using test::Ends;
using test::TcpStream;
using Code = test::AsioCode;

TEST(AsioStream, OperationsAreAnsweredByAnotherThread) {
  ServerOptions server;
  server.common.external_operations = OperationSet::all();
  const ServerConfigPtr at = test::server_config(std::move(server));
  Ends ends(test::client_config(), at);
  std::vector<std::thread> threads;
  int operations = 0;
  auto work = net::make_work_guard(ends.io);
  ends.server.on_operation([&](Operation operation, std::function<void(Answer)> answer) {
    ++operations;
    threads.emplace_back([&, wanted = std::make_shared<Operation>(std::move(operation)), answer] {
      std::this_thread::sleep_for(Milliseconds(5));
      answer(perform(*wanted, at->services()));
    });
  });
  Code client, done;
  ends.client.async_handshake([&](Code ec) { client = ec; });
  ends.server.async_handshake([&](Code ec) {
    done = ec;
    work.reset();
  });
  ends.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(client) << client.message();
  EXPECT_FALSE(done) << done.message();
  EXPECT_GE(operations, 3);
}

TEST(AsioStream, AnAnswerThatComesTooLateHarmsNobody) {
  ServerOptions server;
  server.common.external_operations = {OperationKind::sign};
  std::function<void(Answer)> late;
  net::io_context io;
  Code ended;
  {
    auto [near, far] = connected(io);
    TcpStream client(std::move(near), test::client_config(), "localhost");
    TcpStream stream(std::move(far), test::server_config(std::move(server)));
    stream.on_operation([&](Operation, std::function<void(Answer)> answer) { late = std::move(answer); });
    client.async_handshake([](Code) {});
    stream.async_handshake([&](Code ec) { ended = ec; });
    for (int i = 0; i < 100 && !late; ++i) io.run_for(Milliseconds(10));
    ASSERT_TRUE(late);
  }
  late(Answer(Signature{}));
  io.restart();
  io.run();
  EXPECT_EQ(ended, net::error::operation_aborted) << ended.message();
}

/// A layer whose writes take a while, so that an answer may come in the midst of one.
struct SlowLayer {
  using executor_type = net::io_context::executor_type;
  executor_type get_executor() { return inner.get_executor(); }
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return inner.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return net::async_compose<Token, void(Code, size_t)>(
        [this, buffers, timer = std::make_shared<net::steady_timer>(inner.get_executor()), turn = 0](
            auto& self, Code ec = {}, size_t n = 0) mutable {
          if (++turn == 1) {
            timer->expires_after(Milliseconds(100));
            timer->async_wait(std::move(self));
          } else if (turn == 2) {
            inner.async_write_some(buffers, std::move(self));
          } else {
            self.complete(ec, n);
          }
        },
        token, inner);
  }
  net::basic_stream_socket<tcp, executor_type> inner;
};

TEST(AsioStream, AnAnswerThatComesDuringAFlushIsNotLost) {
  ServerOptions server;
  server.common.external_operations = OperationSet::all();
  const ServerConfigPtr at = test::server_config(std::move(server));
  net::io_context io{1};
  tcp::acceptor acceptor(io, {net::ip::address_v4::loopback(), 0});
  tcp::socket near(io);
  near.connect(acceptor.local_endpoint());
  SlowLayer far{net::basic_stream_socket<tcp, net::io_context::executor_type>(io)};
  acceptor.accept(far.inner);
  TcpStream client(std::move(near), test::client_config(), "localhost");
  asio::stream<SlowLayer&> slow(far, at);
  // Answered at once: while what was there to send is still being written.
  slow.on_operation([&](Operation operation, std::function<void(Answer)> answer) {
    answer(perform(operation, at->services()));
  });
  Code there, here;
  client.async_handshake([&](Code ec) { there = ec; });
  slow.async_handshake([&](Code ec) { here = ec; });
  const auto start = std::chrono::steady_clock::now();
  io.run();
  EXPECT_FALSE(there || here) << there.message() << here.message();
  EXPECT_LT(std::chrono::steady_clock::now() - start, Seconds(20)) << "not only at the handshake's limit";
}

TEST(AsioStream, RunsOverAnyStream) {
  // TLS within TLS: the inner stream's next layer is no socket.
  net::io_context io;
  auto [near, far] = connected(io);
  asio::stream<TcpStream> client(TcpStream(std::move(near), test::client_config(), "localhost"),
                                 test::client_config(), "localhost");
  asio::stream<TcpStream> server(TcpStream(std::move(far), test::server_config()), test::server_config());
  std::string got(100'000, ' ');
  Code outer, inner;
  server.next_layer().async_handshake([&](Code) {
    server.async_handshake(
        [&](Code) { net::async_read(server, net::buffer(got), [&](Code ec, size_t) { inner = ec; }); });
  });
  const std::string sent(100'000, 'i');
  client.next_layer().async_handshake([&](Code ec) {
    outer = ec;
    client.async_handshake([&](Code) { net::async_write(client, net::buffer(sent), [](Code, size_t) {}); });
  });
  io.run();
  EXPECT_FALSE(outer) << outer.message();
  EXPECT_FALSE(inner) << inner.message();
  EXPECT_TRUE(got == sent);
  EXPECT_TRUE(client.lowest_layer().is_open());
}

TEST(AsioStream, OverAReferenceLeavesTheSocketOpen) {
  net::io_context io;
  auto [near, far] = connected(io);
  {
    asio::stream<tcp::socket&> stream(near, test::client_config(), "localhost");
    EXPECT_EQ(&stream.next_layer(), &near);
  }
  EXPECT_TRUE(near.is_open());
}

}  // namespace
}  // namespace bulla
