#include "os/fixture.h"

#include <bulla/asio_stream.h>

#include <gtest/gtest.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include <thread>

namespace bulla {
namespace {

namespace net = ::boost::asio;
using asio::stream_errc;
using net::use_awaitable;
using net::ip::tcp;
using Code = ::boost::system::error_code;
using TcpStream = asio::stream<tcp::socket>;

std::pair<tcp::socket, tcp::socket> connected(net::io_context& io) {
  tcp::acceptor acceptor(io, {net::ip::address_v4::loopback(), 0});
  tcp::socket near(io), far(io);
  near.connect(acceptor.local_endpoint());
  acceptor.accept(far);
  return {std::move(near), std::move(far)};
}

struct Ends {
  explicit Ends(const ClientConfigPtr& with = test::client_config(),
                const ServerConfigPtr& at = test::server_config(), std::string_view name = "localhost")
      : client(std::move(sockets.first), with, name), server(std::move(sockets.second), at) {}
  net::io_context io{1};
  std::pair<tcp::socket, tcp::socket> sockets = connected(io);
  TcpStream client, server;

  /// Both handshakes; what they gave.
  std::pair<Code, Code> handshake() {
    std::pair<Code, Code> out;
    client.async_handshake([&](Code ec) { out.first = ec; });
    server.async_handshake([&](Code ec) { out.second = ec; });
    run();
    return out;
  }
  void run() {
    io.restart();
    io.run();
  }
};

net::awaitable<void> echo(TcpStream& stream) {
  co_await stream.async_handshake(use_awaitable);
  std::vector<char> buffer(5000);
  for (;;) {
    Code ec;
    auto token = net::redirect_error(use_awaitable, ec);
    const net::mutable_buffer space = net::buffer(buffer);
    const size_t n = co_await stream.async_read_some(space, token);
    if (ec) break;
    const net::const_buffer data = net::buffer(buffer.data(), n);
    co_await net::async_write(stream, data, use_awaitable);
  }
  co_await stream.async_shutdown(use_awaitable);
}

net::awaitable<void> ask(TcpStream& stream, std::string& answer) {
  co_await stream.async_handshake(use_awaitable);
  const std::string question(100'000, 'q');
  const net::const_buffer data = net::buffer(question);
  co_await net::async_write(stream, data, use_awaitable);
  answer.resize(question.size());
  const net::mutable_buffer space = net::buffer(answer);
  co_await net::async_read(stream, space, use_awaitable);
  co_await stream.async_shutdown(use_awaitable);
}

TEST(AsioStream, EchoesInCoroutines) {
  for (const ProtocolVersion version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    ServerOptions options;
    options.common.versions = {version, version};
    Ends ends(test::client_config(), test::server_config(options));
    std::string answer;
    net::co_spawn(ends.io, echo(ends.server), net::detached);
    net::co_spawn(ends.io, ask(ends.client, answer), net::detached);
    ends.run();
    EXPECT_EQ(answer, std::string(100'000, 'q'));
    EXPECT_EQ(ends.client.info().version, version);
    EXPECT_FALSE(ends.client.last_error());
  }
}

TEST(AsioStream, TakesFuturesAsWell) {
  Ends ends;
  auto work = net::make_work_guard(ends.io);
  std::thread loop([&] { ends.io.run(); });
  auto server = ends.server.async_handshake(net::use_future);
  auto client = ends.client.async_handshake(net::use_future);
  client.get();
  server.get();
  char bytes[5];
  auto read = net::async_read(ends.server, net::buffer(bytes), net::use_future);
  net::async_write(ends.client, net::buffer("hello", 5), net::use_future).get();
  EXPECT_EQ(read.get(), 5u);
  work.reset();
  loop.join();
}

TEST(AsioStream, ReadsAndWritesAtOnce) {
  Ends ends;
  ends.handshake();
  const std::string there(2'000'000, 't'), back(3'000'000, 'b');
  std::string got_there(there.size(), ' '), got_back(back.size(), ' ');
  int done = 0;
  const auto count = [&](Code ec, size_t) {
    EXPECT_FALSE(ec) << ec.message();
    ++done;
  };
  net::async_read(ends.server, net::buffer(got_there), count);
  net::async_write(ends.server, net::buffer(back), count);
  net::async_read(ends.client, net::buffer(got_back), count);
  net::async_write(ends.client, net::buffer(there), count);
  // Key updates make the readers speak as well, in between.
  Output nothing;
  ends.run();
  EXPECT_EQ(done, 4);
  EXPECT_TRUE(got_there == there && got_back == back);
}

TEST(AsioStream, AReadThatMustAnswerDoesNotDisturbAWrite) {
  Ends ends;
  ends.handshake();
  // The server is asked for new keys while it sends: its reader owes an answer that its writer takes along.
  const std::string large(4'000'000, 'x');
  std::string got(large.size(), ' ');
  char byte;
  size_t written = 0, read = 0;
  net::async_write(ends.server, net::buffer(large), [&](Code ec, size_t n) { written = ec ? 0 : n; });
  net::async_read(ends.server, net::buffer(&byte, 1), [&](Code ec, size_t n) { read = ec ? 0 : n; });
  net::async_read(ends.client, net::buffer(got), [](Code, size_t) {});
  for (int i = 0; i < 3; ++i) {
    Output update;
    ASSERT_TRUE(ends.client.connection().update_keys(KeyUpdateRequest::update_requested, update));
    const Bytes bytes = update.pending();
    net::write(ends.client.next_layer(), net::const_buffer(bytes.data(), bytes.size()));
  }
  net::async_write(ends.client, net::buffer("y", 1), [](Code, size_t) {});
  ends.run();
  EXPECT_EQ(written, large.size());
  EXPECT_EQ(read, 1u);
  EXPECT_TRUE(got == large);
}

TEST(AsioStream, HoldsNoBufferWhileItWaits) {
  Ends ends;
  ends.handshake();
  char byte = 0;
  net::async_read(ends.server, net::buffer(&byte, 1), [](Code, size_t) {});
  ends.io.restart();
  ends.io.poll();
  // The thread's pool has the buffer back: the same one is lent to whoever asks next.
  asio::detail::buffer_loan loan;
  EXPECT_TRUE(loan.get().unread.empty());
  net::async_write(ends.client, net::buffer("z", 1), [](Code, size_t) {});
  ends.run();
  EXPECT_EQ(byte, 'z');
}

// ---- failures ---------------------------------------------------------------------------------------------

TEST(AsioStream, AWrongNameFailsOnBothSides) {
  Ends ends(test::client_config(), test::server_config(), "elsewhere.example");
  const auto [client, server] = ends.handshake();
  EXPECT_EQ(client, stream_errc::certificate_name_mismatch) << client.message();
  EXPECT_EQ(server, stream_errc::peer_sent_alert) << server.message();
  ASSERT_TRUE(ends.client.last_error());
  EXPECT_EQ(ends.client.last_error()->code, ErrorCode::certificate_name_mismatch);
  EXPECT_STREQ(client.category().name(), "bulla");
  Code later;
  ends.client.async_write_some(net::buffer("x", 1), [&](Code ec, size_t) { later = ec; });
  ends.run();
  EXPECT_EQ(later, stream_errc::certificate_name_mismatch) << "a failed stream stays failed";
}

TEST(AsioStream, ATextThatIsNoNameFailsEverything) {
  Ends ends(test::client_config(), test::server_config(), "not a name");
  Code handshake, read;
  char byte;
  ends.client.async_handshake([&](Code ec) { handshake = ec; });
  ends.run();
  ends.client.async_read_some(net::buffer(&byte, 1), [&](Code ec, size_t) { read = ec; });
  ends.run();
  EXPECT_EQ(handshake, stream_errc::bad_server_name);
  EXPECT_EQ(read, stream_errc::bad_server_name);
}

TEST(AsioStream, TruncationIsNotTheEnd) {
  for (const bool clean : {true, false}) {
    Ends ends;
    ends.handshake();
    if (clean) {
      ends.server.async_shutdown([](Code ec) { EXPECT_FALSE(ec); });
      ends.run();
    }
    ends.server.lowest_layer().close();
    Code end;
    char byte;
    for (int i = 0; i < 2; ++i) {
      ends.client.async_read_some(net::buffer(&byte, 1), [&](Code ec, size_t) { end = ec; });
      ends.run();
      if (clean)
        EXPECT_EQ(end, net::error::eof);
      else
        EXPECT_EQ(end, stream_errc::truncated) << end.message();
    }
  }
}

TEST(AsioStream, AfterShutdownReadingGoesOn) {
  Ends ends;
  ends.handshake();
  Code shutdown, written, read;
  char byte = 0;
  ends.client.async_shutdown([&](Code ec) {
    shutdown = ec;
    ends.client.async_write_some(net::buffer("x", 1), [&](Code e, size_t) { written = e; });
  });
  net::async_write(ends.server, net::buffer("y", 1), [](Code, size_t) {});
  net::async_read(ends.client, net::buffer(&byte, 1), [&](Code ec, size_t) { read = ec; });
  ends.run();
  EXPECT_FALSE(shutdown);
  EXPECT_EQ(written, stream_errc::write_side_closed);
  EXPECT_FALSE(read);
  EXPECT_EQ(byte, 'y');
}

TEST(AsioStream, GarbageGetsAnAlert) {
  Ends ends;
  Code server;
  ends.server.async_handshake([&](Code ec) { server = ec; });
  net::write(ends.client.next_layer(), net::buffer("\x99garbage garbage", 16));
  ends.run();
  EXPECT_TRUE(server);
  EXPECT_STREQ(server.category().name(), "bulla");
  uint8_t alert[7];
  EXPECT_EQ(net::read(ends.client.next_layer(), net::buffer(alert)), 7u);
  EXPECT_EQ(alert[0], 21);
}

TEST(AsioStream, AHandshakeThatGetsNoAnswerEndsAtItsLimit) {
  ClientOptions impatient;
  impatient.common.limits.handshake_timeout = Seconds(1);
  Ends ends(test::client_config(std::move(impatient)));
  Code ended;
  ends.client.async_handshake([&](Code ec) { ended = ec; });
  ends.run();
  EXPECT_EQ(ended, stream_errc::handshake_timeout) << ended.message();
}

TEST(AsioStream, CancellationAndDestructionEndWhatIsPending) {
  Ends ends;
  ends.handshake();
  Code cancelled, destroyed;
  char byte;
  net::cancellation_signal signal;
  ends.client.async_read_some(
      net::buffer(&byte, 1),
      net::bind_cancellation_slot(signal.slot(), [&](Code ec, size_t) { cancelled = ec; }));
  ends.io.restart();
  ends.io.poll();
  signal.emit(net::cancellation_type::terminal);
  ends.run();
  EXPECT_EQ(cancelled, net::error::operation_aborted);
  {
    TcpStream gone = std::move(ends.server);
    gone.async_read_some(net::buffer(&byte, 1), [&](Code ec, size_t) { destroyed = ec; });
    ends.io.restart();
    ends.io.poll();
  }
  ends.run();
  EXPECT_EQ(destroyed, net::error::operation_aborted);
}

TEST(AsioStream, AnEmptyReadIsDoneAtOnceAndNotInside) {
  Ends ends;
  ends.handshake();
  bool done = false;
  ends.client.async_read_some(net::mutable_buffer(), [&](Code ec, size_t n) { done = !ec && n == 0; });
  EXPECT_FALSE(done);
  ends.run();
  EXPECT_TRUE(done);
}

// ---- operations and other layers --------------------------------------------------------------------------

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
