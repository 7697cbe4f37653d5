#include "os/fixture.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace bulla {
namespace {

TEST(Endpoint, IsReadAsPeopleWriteIt) {
  const auto parse = [](std::string_view text) {
    const Endpoint out = Endpoint::parse(text).value();
    return out.host + "|" + std::to_string(out.port);
  };
  EXPECT_EQ(parse("localhost:8443"), "localhost|8443");
  EXPECT_EQ(parse("0.0.0.0:443"), "0.0.0.0|443");
  EXPECT_EQ(parse("[::1]:443"), "::1|443");
  EXPECT_EQ(parse("[fe80::1%lo]:1"), "fe80::1%lo|1");
  EXPECT_EQ(parse(":0"), "|0");
  EXPECT_EQ(parse("8443"), "|8443");
  EXPECT_EQ(Endpoint::parse("example.com", 443).value().port, 443);
  EXPECT_EQ(Endpoint::parse("::1", 443).value().host, "::1");
  EXPECT_EQ(Endpoint::parse("[::1]", 443).value().to_string(), "[::1]:443");
  EXPECT_EQ(Endpoint::parse("a:1", 443).value().to_string(), "a:1");
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (const std::string_view text : {"", "localhost", "localhost:", "localhost:x", "localhost:-1",
                                      "localhost:65536", "localhost:1:2", "[::1]", "[::1", "[]:1", "[::1]443",
                                      "::1", "https://localhost:1", "a b:1", "user@host:1", "+1", "a: 1"}) {
    const auto parsed = Endpoint::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::bad_endpoint) << text;
  }
}

TEST(Tcp, ConnectsByAddressAndByName) {
  TcpListener listener = TcpListener::listen({"127.0.0.1", 0}).value();
  ASSERT_NE(listener.port(), 0);
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const TcpConnection client = tcp_connect({host, listener.port()}).value();
    const TcpConnection server = listener.accept(Seconds(10)).value();
    EXPECT_EQ(client.peer.to_string(), "127.0.0.1:" + std::to_string(listener.port()));
    EXPECT_EQ(server.peer.to_string(), local_endpoint(client.socket.number()).to_string());
  }
}

TEST(Tcp, SaysWhyThereIsNoConnection) {
  const uint16_t closed = TcpListener::listen({"127.0.0.1", 0}).value().port();
  const auto refused = tcp_connect({"127.0.0.1", closed});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::connect_failed);
  EXPECT_NE(refused.error().detail.find("127.0.0.1:"), std::string::npos);
  EXPECT_EQ(tcp_connect({"", 443}).error().code, ErrorCode::bad_endpoint);
  EXPECT_EQ(tcp_connect({"127.0.0.1", 0}).error().code, ErrorCode::bad_endpoint);
}

TEST(Tcp, ANameThatNobodyHasIsADnsFailure) {
  // RFC 6761 §6.4: "invalid" never resolves. A machine without any resolver may only give up later.
  const auto unknown = tcp_connect({"no-such-host.invalid", 443}, Seconds(5));
  ASSERT_FALSE(unknown);
  EXPECT_TRUE(unknown.error().code == ErrorCode::dns_failed || unknown.error().code == ErrorCode::timeout);
  const auto bad = tcp_connect({std::string(300, 'x'), 443}, Seconds(5));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::dns_failed);
}

/// Fills the queue of a listener that never accepts, until the kernel leaves attempts without an answer.
bool fill_queue(const Endpoint& where, std::vector<TcpConnection>& queued) {
  for (int i = 0; i < 8; ++i) {
    auto connection = tcp_connect(where, Milliseconds(200));
    if (!connection) return connection.error().code == ErrorCode::timeout;
    queued.push_back(*std::move(connection));
  }
  return false;
}

TEST(Tcp, AFullQueueTimesOut) {
  // A listener that never accepts, its queue filled: the kernel leaves further attempts without an answer.
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(socket.number(), 0), 0);
  const uint16_t port = local_endpoint(socket.number()).port;
  std::vector<TcpConnection> queued;
  if (!fill_queue({"127.0.0.1", port}, queued))
    GTEST_SKIP() << "this kernel takes connections beyond the backlog";
}

// RFC 8305 §4, §5: an address that does not answer costs a quarter of a second, not the connection.
TEST(Tcp, AnAddressThatDoesNotAnswerIsPassedBy) {
  const Descriptor silent(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  ::setsockopt(silent.number(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(silent.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    GTEST_SKIP() << "this machine has no IPv6";
  ASSERT_EQ(::listen(silent.number(), 0), 0);
  const uint16_t port = local_endpoint(silent.number()).port;
  std::vector<TcpConnection> queued;
  if (!fill_queue({"::1", port}, queued)) GTEST_SKIP() << "this kernel takes connections beyond the backlog";
  const auto listener = TcpListener::listen({"127.0.0.1", port});
  if (!listener) GTEST_SKIP() << "the port is taken on 127.0.0.1";
  const auto connected = tcp_connect({"localhost", port}, Seconds(20));
  ASSERT_TRUE(connected) << connected.error().explain();
  EXPECT_EQ(connected->peer.host, "127.0.0.1");
  EXPECT_LT(connected->connect_time, Seconds(10));
}

TEST(Tcp, APortThatIsTakenIsSaid) {
  const TcpListener first = TcpListener::listen({"127.0.0.1", 0}).value();
  const auto second = TcpListener::listen({"127.0.0.1", first.port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::address_in_use);
  const auto foreign = TcpListener::listen({"192.0.2.1", 0});  // RFC 5737: nobody's
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::listen_failed);
}

TEST(Tcp, ASharedPortIsSeenByAnExclusiveListener) {
  const auto first = tcp_listen({"127.0.0.1", 0}, PortSharing::shared).value();
  const uint16_t port = local_endpoint(first.front().number()).port;
  EXPECT_TRUE(tcp_listen({"127.0.0.1", port}, PortSharing::shared));
  EXPECT_EQ(tcp_listen({"127.0.0.1", port}).error().code, ErrorCode::address_in_use);
}

TEST(Tcp, ListensOnEveryAddressOfAName) {
  TcpListener all = TcpListener::listen({"", 0}).value();
  EXPECT_TRUE(tcp_connect({"127.0.0.1", all.port()}));
  EXPECT_EQ(all.accept(Seconds(10)).value().peer.host, "127.0.0.1") << "not ::ffff:127.0.0.1";
  TcpListener local = TcpListener::listen({"localhost", 0}).value();
  EXPECT_TRUE(tcp_connect({"localhost", local.port()}));
}

TEST(Tcp, AcceptGivesUpAfterItsTime) {
  TcpListener listener = TcpListener::listen({"127.0.0.1", 0}).value();
  const auto nobody = listener.accept(Milliseconds(20));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::timeout);
}

TEST(Tcp, WithoutDescriptorsTheErrorSaysSo) {
  // In a process of its own, since the limit is for all of it.
  const pid_t child = ::fork();
  if (child == 0) {
    TcpListener listener = TcpListener::listen({"127.0.0.1", 0}).value();
    const TcpConnection client = tcp_connect({"127.0.0.1", listener.port()}).value();
    const Descriptor highest(::dup(0));
    const rlimit limit = {static_cast<rlim_t>(highest.number() + 1),
                          static_cast<rlim_t>(highest.number() + 1)};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const auto accepted = listener.accept(Seconds(5));
    const auto file = read_file("/dev/null");
    const bool right = !accepted && accepted.error().code == ErrorCode::too_many_files && !file &&
                       file.error().code == ErrorCode::too_many_files;
    ::_exit(right ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Terminal, WithoutOneThereIsNoPassphrase) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();  // leaves the controlling terminal
    const auto passphrase = prompt_passphrase("Passphrase: ");
    ::_exit(!passphrase && passphrase.error().code == ErrorCode::no_terminal ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace bulla
