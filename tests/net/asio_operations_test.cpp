// Operations that are answered elsewhere, and layers other than a socket.
#include "net/asio_fixture.h"

#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <thread>

namespace bulla {
namespace {

namespace net = ::boost::asio;
using asio::stream_errc;
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

// ---- operations that overlap
// -------------------------------------------------------------------------------

/// Runs what is pending; a handler that was lost does not hold up the test for ever.
void run_a_while(Ends& ends) {
  ends.io.restart();
  ends.io.run_for(Seconds(5));
}

TEST(AsioStream, ASecondWriteOrShutdownIsRefusedAndTheFirstGoesOn) {
  Ends ends;
  ends.handshake();
  const std::string text(100, 'a');
  std::string got(100, ' ');
  std::optional<Code> first, second, shutdown, read;
  ends.client.async_write_some(net::buffer(text), [&](Code ec, size_t n) {
    first = ec;
    EXPECT_EQ(n, text.size());
  });
  ends.client.async_write_some(net::buffer(text), [&](Code ec, size_t n) {
    second = ec;
    EXPECT_EQ(n, 0u);
  });
  ends.client.async_shutdown([&](Code ec) { shutdown = ec; });
  net::async_read(ends.server, net::buffer(got), [&](Code ec, size_t) { read = ec; });
  EXPECT_FALSE(first || second || shutdown) << "no handler runs inside the function that starts it";
  run_a_while(ends);
  ASSERT_TRUE(first && second && shutdown && read);
  EXPECT_FALSE(*first) << first->message();
  EXPECT_EQ(*second, net::error::already_started) << second->message();
  EXPECT_EQ(*shutdown, net::error::already_started) << shutdown->message();
  EXPECT_FALSE(*read) << read->message();
  EXPECT_EQ(got, text);

  // One after the other they are what they should be; two shutdowns at once are as two writes.
  first = second = read = {};
  ends.client.async_shutdown([&](Code ec) { first = ec; });
  ends.client.async_shutdown([&](Code ec) { second = ec; });
  ends.server.async_read_some(net::buffer(got), [&](Code ec, size_t) { read = ec; });
  run_a_while(ends);
  ASSERT_TRUE(first && second && read);
  EXPECT_FALSE(*first) << first->message();
  EXPECT_EQ(*second, net::error::already_started) << second->message();
  EXPECT_EQ(*read, net::error::eof) << read->message();
}

TEST(AsioStream, ASecondHandshakeOrReadIsRefusedAndTheFirstGoesOn) {
  Ends ends;
  std::optional<Code> first, second, read, server;
  char byte = 0, other = 0;
  ends.client.async_handshake([&](Code ec) { first = ec; });
  ends.client.async_handshake([&](Code ec) { second = ec; });
  ends.client.async_read_some(net::buffer(&byte, 1), [&](Code ec, size_t) { read = ec; });
  ends.server.async_handshake([&](Code ec) { server = ec; });
  EXPECT_FALSE(first || second || read);
  run_a_while(ends);
  ASSERT_TRUE(first && second && read && server);
  EXPECT_FALSE(*first) << first->message();
  EXPECT_EQ(*second, net::error::already_started) << second->message();
  EXPECT_EQ(*read, net::error::already_started) << read->message();
  EXPECT_FALSE(*server) << server->message();

  first = second = read = {};
  ends.client.async_handshake([&](Code ec) { first = ec; });
  run_a_while(ends);
  ASSERT_TRUE(first) << "a handshake that is done is done";
  EXPECT_FALSE(*first) << first->message();
  ends.client.async_read_some(net::buffer(&byte, 1), [&](Code ec, size_t) { read = ec; });
  ends.client.async_read_some(net::buffer(&other, 1), [&](Code ec, size_t) { second = ec; });
  net::async_write(ends.server, net::buffer("z", 1), [](Code, size_t) {});
  run_a_while(ends);
  ASSERT_TRUE(read && second);
  EXPECT_FALSE(*read) << read->message();
  EXPECT_EQ(byte, 'z');
  EXPECT_EQ(*second, net::error::already_started) << second->message();
}

// RFC 9846 §6.1: whatever the peer did, close_notify may still be said.
TEST(AsioStream, AfterTruncationShutdownStillSaysCloseNotify) {
  Ends ends;
  ends.handshake();
  ends.server.lowest_layer().shutdown(tcp::socket::shutdown_send);
  char byte;
  std::optional<Code> cut, said, heard;
  ends.client.async_read_some(net::buffer(&byte, 1), [&](Code ec, size_t) {
    cut = ec;
    ends.client.async_shutdown([&](Code e) { said = e; });
  });
  ends.server.async_read_some(net::buffer(&byte, 1), [&](Code ec, size_t) { heard = ec; });
  run_a_while(ends);
  ASSERT_TRUE(cut && said && heard);
  EXPECT_EQ(*cut, stream_errc::truncated) << cut->message();
  EXPECT_FALSE(*said) << said->message();
  EXPECT_EQ(*heard, net::error::eof) << heard->message();
}

TEST(AsioStreamDeathTest, WithoutAConfigTheProgramEndsWithAReason) {
  net::io_context io;
  const ServerName name = ServerName::parse("localhost").value();
  EXPECT_DEATH(TcpStream(tcp::socket(io), ClientConfigPtr(), name), "a connection needs a config");
  EXPECT_DEATH(TcpStream(tcp::socket(io), ClientConfigPtr(), "localhost"), "a connection needs a config");
  EXPECT_DEATH(TcpStream(tcp::socket(io), ServerConfigPtr()), "a connection needs a config");
}

}  // namespace
}  // namespace bulla
