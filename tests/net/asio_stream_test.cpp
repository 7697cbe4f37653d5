#include "net/asio_fixture.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
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
using test::Ends;
using test::TcpStream;
using Code = test::AsioCode;

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

TEST(AsioStream, AReadThatWasCancelledMayBeStartedAgain) {
  for (const auto type : {net::cancellation_type::total, net::cancellation_type::terminal}) {
    Ends ends;
    ends.handshake();
    Code cancelled, again;
    char bytes[3] = {};
    net::cancellation_signal signal;
    ends.client.async_read_some(
        net::buffer(bytes),
        net::bind_cancellation_slot(signal.slot(), [&](Code ec, size_t) { cancelled = ec; }));
    ends.io.restart();
    ends.io.poll();
    signal.emit(type);
    ends.io.restart();
    ends.io.poll();
    EXPECT_EQ(cancelled, net::error::operation_aborted);
    EXPECT_FALSE(ends.client.last_error());
    net::async_write(ends.server, net::buffer("abc", 3), [](Code, size_t) {});
    net::async_read(ends.client, net::buffer(bytes), [&](Code ec, size_t) { again = ec; });
    ends.run();
    EXPECT_FALSE(again) << again.message();
    EXPECT_EQ(std::string(bytes, 3), "abc");
  }
}

TEST(AsioStream, TakesDeferredOperationsAndHandlersWithTheirOwnExecutor) {
  Ends ends;
  net::io_context elsewhere;
  std::optional<Code> client, server;
  auto later = ends.client.async_handshake(net::deferred);
  std::move(later)([&](Code ec) { client = ec; });
  ends.server.async_handshake(net::bind_executor(elsewhere, [&](Code ec) {
    EXPECT_TRUE(elsewhere.get_executor().running_in_this_thread());
    server = ec;
  }));
  for (int i = 0; i < 10'000 && !(client && server); ++i) {
    ends.io.restart();
    ends.io.run_for(Milliseconds(1));
    elsewhere.restart();
    elsewhere.poll();
  }
  ASSERT_TRUE(client && server);
  EXPECT_FALSE(*client || *server) << client->message() << server->message();
}

TEST(AsioStream, TakesBufferSequences) {
  Ends ends;
  ends.handshake();
  // More pieces than the stream hands to the engine at once, some of them empty.
  std::vector<net::const_buffer> pieces;
  const std::string text = "0123456789";
  for (int i = 0; i < 40; ++i)
    pieces.push_back(net::buffer(text.data() + i % 10, static_cast<size_t>(i % 3 ? 1 : 0)));
  std::string expected;
  for (const net::const_buffer& piece : pieces)
    expected.append(static_cast<const char*>(piece.data()), piece.size());
  std::string first(5, ' '), rest(expected.size() - 5, ' ');
  const std::array<net::mutable_buffer, 3> into{net::buffer(first), net::mutable_buffer(), net::buffer(rest)};
  size_t written = 0, read = 0;
  net::async_write(ends.client, pieces, [&](Code, size_t n) { written = n; });
  net::async_read(ends.server, into, [&](Code, size_t n) { read = n; });
  ends.run();
  EXPECT_EQ(written, expected.size());
  EXPECT_EQ(read, expected.size());
  EXPECT_EQ(first + rest, expected);
  size_t nothing = 1;
  ends.client.async_write_some(net::const_buffer(), [&](Code ec, size_t n) { nothing = ec ? 1 : n; });
  ends.run();
  EXPECT_EQ(nothing, 0u) << "an empty write is done, and is no record";
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

}  // namespace
}  // namespace bulla
