#include "os/fixture.h"

#include <bulla/tls_stream.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <future>
#include <thread>

namespace bulla {
namespace {

using test::client_config;
using test::server_config;
using test::socket_pair;

/// A client and a server over a socket pair, hands shaken in two threads.
struct Streams {
  Result<TlsStream> client, server;
};

Streams connect(ClientConfigPtr client, ServerConfigPtr server, StreamOptions options = {},
                std::string_view name = "localhost") {
  auto [near, far] = socket_pair();
  auto accepted = std::async(std::launch::async, [&, end = std::move(far)]() mutable {
    return TlsStream::accept(std::move(end), server, options);
  });
  auto connected = TlsStream::adopt(std::move(near), client, ServerName::parse(name).value(), options);
  return {std::move(connected), accepted.get()};
}

std::string read_all(TlsStream& stream) {
  std::string out;
  uint8_t buffer[1000];
  while (const size_t n = stream.read(buffer).value()) out += as_text(Bytes(buffer).first(n));
  return out;
}

TEST(TlsStream, CarriesDataBothWaysAndEndsCleanly) {
  for (const ProtocolVersion version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    ServerOptions options;
    options.common.versions = {version, version};
    Streams streams = connect(client_config(), server_config(options));
    ASSERT_TRUE(streams.client) << streams.client.error().explain();
    ASSERT_TRUE(streams.server) << streams.server.error().explain();
    EXPECT_EQ(streams.client->info().version, version);
    EXPECT_EQ(streams.client->info().server_name, "localhost");
    const std::string large(3'000'000, 'b');
    auto echo = std::async(std::launch::async, [&] {
      const std::string got = read_all(*streams.server);
      streams.server->write(as_bytes(got)).value();
      streams.server->close();
      return got.size();
    });
    ASSERT_TRUE(streams.client->write(as_bytes(large)));
    ASSERT_TRUE(streams.client->close_write());
    EXPECT_EQ(read_all(*streams.client), large) << "reading goes on after close_write";
    EXPECT_EQ(echo.get(), large.size());
    uint8_t byte;
    EXPECT_EQ(streams.client->read(MutBytes(&byte, 1)).value(), 0u) << "the end stays the end";
    EXPECT_EQ(streams.client->write(as_bytes("x")).error().code, ErrorCode::write_side_closed);
  }
}

TEST(TlsStream, OverTcpByName) {
  TcpListener listener = TcpListener::listen({"127.0.0.1", 0}).value();
  auto server = std::async(std::launch::async, [&] {
    TcpConnection tcp = listener.accept(Seconds(10)).value();
    TlsStream stream = TlsStream::accept(std::move(tcp.socket), server_config()).value();
    stream.write(as_bytes("hello")).value();
  });
  TlsStream stream = TlsStream::connect(client_config(), {"localhost", listener.port()}).value();
  EXPECT_EQ(read_all(stream), "hello");
  EXPECT_EQ(stream.peer().port, listener.port());
  server.get();
}

TEST(TlsStream, AWrongNameAndAnUnknownRootAreRefusedOnBothSides) {
  Streams name = connect(client_config(), server_config(), {}, "elsewhere.example");
  ASSERT_FALSE(name.client);
  EXPECT_EQ(name.client.error().code, ErrorCode::certificate_name_mismatch);
  ASSERT_FALSE(name.server);
  EXPECT_EQ(name.server.error().code, ErrorCode::peer_sent_alert);

  ClientOptions options;
  options.roots = test::test_roots("other-ca");
  Streams root = connect(client_config(std::move(options)), server_config());
  ASSERT_FALSE(root.client);
  EXPECT_EQ(root.client.error().code, ErrorCode::certificate_unknown_issuer);
  EXPECT_EQ(root.server.error().code, ErrorCode::peer_sent_alert);
}

TEST(TlsStream, AClientThatIsRefusedReadsTheReasonAlthoughItWroteFirst) {
  ServerOptions options;
  options.client_auth = ClientAuth::required;
  options.client_roots = test::test_roots();
  Streams streams = connect(client_config(), server_config(std::move(options)));
  ASSERT_FALSE(streams.server);
  EXPECT_EQ(streams.server.error().code, ErrorCode::client_certificate_required);
  // In TLS 1.3 the client is done before the server has seen that it has no certificate.
  ASSERT_TRUE(streams.client) << streams.client.error().explain();
  Result<void> written;
  for (int i = 0; i < 100 && written; ++i)
    written = streams.client->write(as_bytes(std::string(10'000, 'x')));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::peer_sent_alert) << written.error().explain();
  EXPECT_EQ(written.error().alert, AlertDescription::certificate_required);
}

TEST(TlsStream, ACutConnectionIsNotACleanEnd) {
  auto [near, far] = socket_pair();
  const int other_end = far.number();
  auto accepted = std::async(std::launch::async, [end = std::move(far)]() mutable {
    return TlsStream::accept(std::move(end), server_config());
  });
  TlsStream client =
      TlsStream::adopt(std::move(near), client_config(), ServerName::parse("localhost").value()).value();
  Result<TlsStream> server = accepted.get();
  server->write(as_bytes("half of it")).value();
  ::shutdown(other_end, SHUT_WR);  // without close_notify
  uint8_t buffer[100];
  EXPECT_EQ(client.read(buffer).value(), 10u);
  const auto end = client.read(buffer);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, ErrorCode::truncated);
  EXPECT_EQ(client.read(buffer).error().code, ErrorCode::truncated) << "and stays so";
}

// RFC 9846 §6.1: each party says close_notify before it closes its write side, whatever the other did.
TEST(TlsStream, APeerThatJustHangsUpStillGetsCloseNotify) {
  for (const ProtocolVersion version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    ServerOptions options;
    options.common.versions = {version, version};
    for (const bool destroyed : {false, true}) {
      Streams streams = connect(client_config(), server_config(options));
      ASSERT_TRUE(streams.client && streams.server);
      ::shutdown(streams.client->descriptor(), SHUT_WR);  // no close_notify
      uint8_t buffer[10];
      EXPECT_EQ(streams.server->read(buffer).error().code, ErrorCode::truncated);
      if (destroyed)
        streams.server = ErrorCode::not_connected;
      else
        streams.server->close();
      const auto end = streams.client->read(buffer);
      ASSERT_TRUE(end) << end.error().explain();
      EXPECT_EQ(*end, 0u);
    }
  }
}

TEST(TlsStream, WithoutAConfigThereIsNoConnection) {
  const ServerName name = ServerName::parse("localhost").value();
  auto [near, far] = socket_pair();
  EXPECT_EQ(TlsStream::adopt(std::move(near), nullptr, name).error().code, ErrorCode::bad_config);
  EXPECT_EQ(TlsStream::accept(std::move(far), nullptr).error().code, ErrorCode::bad_config);
  EXPECT_EQ(TlsStream::adopt(TcpConnection(), nullptr, name).error().code, ErrorCode::bad_config);
  EXPECT_EQ(TlsStream::connect(nullptr, {"localhost", 1}).error().code, ErrorCode::bad_config);
}

TEST(TlsStream, ACutInTheHandshakeAndGarbageAreErrors) {
  {
    auto [near, far] = socket_pair();
    ::shutdown(far.number(), SHUT_WR);
    const auto stream =
        TlsStream::adopt(std::move(near), client_config(), ServerName::parse("localhost").value());
    ASSERT_FALSE(stream);
  }
  {
    auto [near, far] = socket_pair();
    const std::string_view page = "HTTP/1.0 400 Bad Request\r\n\r\n";
    ASSERT_EQ(::write(far.number(), page.data(), page.size()), static_cast<ssize_t>(page.size()));
    ::shutdown(far.number(), SHUT_WR);
    const auto stream =
        TlsStream::adopt(std::move(near), client_config(), ServerName::parse("localhost").value());
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().code, ErrorCode::plain_text_reply) << stream.error().explain();
  }
}

TEST(TlsStream, AResetAndADescriptorThatIsNoSocketAreToldApart) {
  TcpListener listener = TcpListener::listen({"127.0.0.1", 0}).value();
  auto server = std::async(std::launch::async, [&] {
    TcpConnection tcp = listener.accept(Seconds(10)).value();
    pollfd hello = {tcp.socket.number(), POLLIN, 0};
    ::poll(&hello, 1, 10'000);      // the client is connected and has spoken
    const linger at_once = {1, 0};  // close sends a reset
    ::setsockopt(tcp.socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  });
  const auto reset = TlsStream::connect(client_config(), {"localhost", listener.port()});
  server.get();
  ASSERT_FALSE(reset);
  EXPECT_EQ(reset.error().code, ErrorCode::connection_reset) << reset.error().explain();

  Descriptor file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto no_socket =
      TlsStream::adopt(std::move(file), client_config(), ServerName::parse("localhost").value());
  ASSERT_FALSE(no_socket);
  EXPECT_EQ(no_socket.error().code, ErrorCode::io_failed) << no_socket.error().explain();
}

TEST(TlsStream, EveryWaitHasItsLimit) {
  StreamOptions short_handshake;
  short_handshake.handshake_timeout = Milliseconds(50);
  auto [near, far] = socket_pair();
  const auto silent = TlsStream::adopt(std::move(near), client_config(),
                                       ServerName::parse("localhost").value(), short_handshake);
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, ErrorCode::handshake_timeout);

  ClientOptions impatient;
  impatient.common.limits.handshake_timeout = Seconds(1);
  auto [close, away] = socket_pair();
  const auto engine = TlsStream::adopt(std::move(close), client_config(std::move(impatient)),
                                       ServerName::parse("localhost").value());
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::handshake_timeout) << "the config's own limit";

  Streams streams = connect(client_config(), server_config());
  streams.client->set_io_timeout(Milliseconds(50));
  uint8_t buffer[100];
  EXPECT_EQ(streams.client->read(buffer).error().code, ErrorCode::timeout);
  const auto written = streams.client->write(as_bytes(std::string(10'000'000, 'x')));  // nobody reads
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::timeout);

  Streams others = connect(client_config(), server_config());
  others.client->set_deadline(std::chrono::steady_clock::now() + Milliseconds(50));
  EXPECT_EQ(others.client->read(buffer).error().code, ErrorCode::timeout);
  others.client->set_deadline({});
  others.server->write(as_bytes("late")).value();
  EXPECT_EQ(others.client->read(buffer).value(), 4u) << "a limit that passed breaks nothing";
}

TEST(TlsStream, ReadAvailableDoesNotWait) {
  Streams streams = connect(client_config(), server_config());
  uint8_t buffer[3];
  EXPECT_FALSE(streams.client->read_available(buffer).value().has_value());
  streams.server->write(as_bytes("four")).value();
  EXPECT_EQ(streams.client->read(buffer).value(), 3u);
  EXPECT_EQ(streams.client->read_available(buffer).value(), 1u) << "what is decrypted already";
  streams.server->close();
  EXPECT_EQ(streams.client->read_available(buffer).value(), 0u) << "the clean end";
  EXPECT_EQ(streams.client->read(MutBytes()).error().code, ErrorCode::bad_argument);
}

TEST(TlsStream, WhoSendsMuchHearsAnEarlyAnswer) {
  Streams streams = connect(client_config(), server_config());
  TlsStream& client = *streams.client;
  client.set_io_timeout(Milliseconds(20));
  uint8_t buffer[10];
  EXPECT_EQ(client.wait_ready().value(), TlsStream::Ready::writable);
  while (client.write(as_bytes(std::string(10'000, 'x')))) {
  }
  EXPECT_EQ(client.wait_ready().error().code, ErrorCode::timeout) << "neither";
  streams.server->write(as_bytes("no")).value();
  EXPECT_EQ(client.wait_ready().value(), TlsStream::Ready::readable);
  EXPECT_EQ(client.read_available(buffer).value(), 2u);
  streams.server->close_write().value();
  EXPECT_EQ(client.wait_ready().value(), TlsStream::Ready::readable)
      << "the end is something to read as well";
  EXPECT_EQ(client.read_available(buffer).value(), 0u);
  EXPECT_EQ(client.wait_ready().error().code, ErrorCode::timeout) << "but only once";
  client.close();
  EXPECT_EQ(client.wait_ready().error().code, ErrorCode::not_connected);
}

TEST(TlsStream, OperationsNamedAsExternalAreAnsweredHere) {
  ServerOptions server;
  server.common.external_operations = OperationSet::all();
  ClientOptions client;
  client.common.external_operations = OperationSet::all();
  Streams streams = connect(client_config(std::move(client)), server_config(std::move(server)));
  ASSERT_TRUE(streams.client) << streams.client.error().explain();
  ASSERT_TRUE(streams.server) << streams.server.error().explain();
}

TEST(TlsStream, AfterCloseThereIsNothing) {
  Streams streams = connect(client_config(), server_config());
  streams.client->close();
  uint8_t buffer[1];
  EXPECT_EQ(streams.client->read(buffer).error().code, ErrorCode::not_connected);
  EXPECT_EQ(streams.client->write(as_bytes("x")).error().code, ErrorCode::not_connected);
  EXPECT_EQ(streams.client->close_write().error().code, ErrorCode::not_connected);
  EXPECT_EQ(streams.client->descriptor(), -1);
  streams.client->close();
  streams.client->set_deadline({});
  EXPECT_EQ(streams.client->info().version, ProtocolVersion::tls13) << "what was agreed is still known";
  EXPECT_EQ(streams.client->peer().host, "");
}

TEST(TlsStream, AnAlertToAPeerThatDoesNotReadHoldsUpNobody) {
  for (const bool waiting : {false, true}) {
    Streams streams = connect(client_config(), server_config());
    TlsStream& server = *streams.server;
    // The server's socket is full, and then the client sends what deserves an alert.
    const std::vector<uint8_t> filling(1 << 20);
    while (::send(server.descriptor(), filling.data(), filling.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
    ASSERT_EQ(::send(streams.client->descriptor(), "garbage garbage", 15, 0), 15);
    uint8_t buffer[10];
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(waiting ? server.read(buffer).ok() : server.read_available(buffer).ok());
    EXPECT_LT(std::chrono::steady_clock::now() - start, Seconds(5)) << "no io_timeout is set";
  }
}

TEST(TlsStream, CloseWaitsForAFullSocketSoThatNothingIsMissing) {
  Streams streams = connect(client_config(), server_config());
  streams.server->set_io_timeout(Milliseconds(10));
  size_t written = 0;
  while (streams.server->write(as_bytes(std::string(10'000, 'x')))) written += 10'000;
  auto reader = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(Milliseconds(50));
    return read_all(*streams.client).size();  // throws where the end is not a clean one
  });
  streams.server->set_io_timeout({});
  streams.server->close();
  EXPECT_EQ(reader.get(), written + 10'000) << "with what the last write could not send in its time";

  Streams others = connect(client_config(), server_config());
  others.server->set_io_timeout(Milliseconds(10));
  while (others.server->write(as_bytes(std::string(10'000, 'x')))) {
  }
  const auto start = std::chrono::steady_clock::now();
  others.server->close();
  EXPECT_LT(std::chrono::steady_clock::now() - start, Seconds(10)) << "a peer that never reads is left";
}

TEST(TlsStream, CloseWithUnreadBytesDoesNotCutWhatIsOnItsWay) {
  TcpListener listener = TcpListener::listen({"127.0.0.1", 0}).value();
  std::promise<void> said;
  auto server = std::async(std::launch::async, [&] {
    TcpConnection tcp = listener.accept(Seconds(10)).value();
    TlsStream stream = TlsStream::accept(std::move(tcp.socket), server_config()).value();
    uint8_t byte;
    stream.read(MutBytes(&byte, 1)).value();
    said.get_future().wait();  // what the client says last has come, and is never read
    stream.write(as_bytes(std::string(100'000, 'r'))).value();
    stream.close();
  });
  TlsStream client = TlsStream::connect(client_config(), {"localhost", listener.port()}).value();
  client.write(as_bytes("?")).value();
  client.write(as_bytes("never read")).value();
  client.close_write().value();
  said.set_value();
  server.get();
  EXPECT_EQ(read_all(client).size(), 100'000u);
}

TEST(TlsStream, WritesThatRunOutOfTimeDoNotPileUp) {
  Streams streams = connect(client_config(), server_config());
  streams.client->set_io_timeout(Milliseconds(10));
  const std::string data(60'000, 'x');
  ErrorCode last = {};
  for (int i = 0; i < 40; ++i)
    if (const auto written = streams.client->write(as_bytes(data)); !written) last = written.error().code;
  EXPECT_EQ(last, ErrorCode::timeout);
  // One write at most waits, whatever was tried: the next one sends it, and nothing is missing in between.
  std::vector<uint8_t> buffer(1 << 16);
  streams.server->set_io_timeout(Milliseconds(100));
  while (streams.server->read(buffer)) {
  }
  ASSERT_TRUE(streams.client->write(as_bytes("!")));
  size_t more = 0;
  uint8_t end = 0;
  while (const auto n = streams.server->read(buffer)) {
    more += *n;
    end = buffer[*n - 1];
  }
  EXPECT_LE(more, data.size() + 1);
  EXPECT_EQ(end, '!');
}

TEST(TlsStream, SessionsAreResumed) {
  const auto sessions = std::make_shared<MemorySessionStore>();
  ClientOptions client;
  client.sessions = sessions;
  const ClientConfigPtr with = client_config(std::move(client));
  ServerOptions server;
  server.tickets = RotatingTickets::fresh();
  const ServerConfigPtr at = server_config(std::move(server));
  for (const HandshakeKind kind : {HandshakeKind::full, HandshakeKind::resumed}) {
    Streams streams = connect(with, at);
    ASSERT_TRUE(streams.client) << streams.client.error().explain();
    EXPECT_EQ(streams.client->info().kind, kind);
    streams.server->write(as_bytes("x")).value();
    uint8_t buffer[1];
    ASSERT_EQ(streams.client->read(buffer).value(), 1u);  // takes the tickets on its way
  }
}

}  // namespace
}  // namespace bulla
