// What a peer could make us hold or write: bounds before allocation, and nothing of ours that outgrows its
// length on the wire.
#include "tls/core_between.h"
#include "tls/ext/names.h"
#include "tls/forge.h"
#include "tls/session_state.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace bulla::tls;

/// A store that always has the same session.
struct One : ClientSessionStore {
  explicit One(ClientSessionPtr s) : session(std::move(s)) {}
  void put(const std::string&, ClientSessionPtr) override {}
  ClientSessionPtr take(const std::string&) override { return session; }
  ClientSessionPtr session;
};

ClientOptions with_ticket(size_t size) {
  auto session = std::make_shared<ClientSession>();
  session->secret = SecretBytes(size_t{32});
  session->ticket.resize(size);
  session->lifetime = Seconds{3600};
  session->received = test_now;
  ClientOptions options = client_options();
  options.sessions = std::make_shared<One>(std::move(session));
  return options;
}

ServerOptions retrying() {
  ServerOptions options = server_options();
  options.common.groups = {NamedGroup::secp384r1};
  return options;
}

/// What comes of a HelloRetryRequest with a cookie of `size` bytes, that the server knows nothing of.
ErrorCode with_cookie(const ClientOptions& client, size_t size) {
  const Wire cookie(size, 1);
  return refusal(client, retrying(), alter_retry([&](HelloRetryRequest& m) { m.cookie = cookie; })).value();
}

// A ClientHello has 2^16-1 bytes for all its extensions: a server's largest ticket and its largest cookie
// must fit into it together, or our client could be made to write what cannot be written.
TEST(Sizes, TheLargestTicketAndTheLargestCookieFitTogether) {
  EXPECT_EQ(with_cookie(with_ticket(longest_ticket), 32 * 1024), ErrorCode::bad_cookie);
  EXPECT_EQ(with_cookie(client_options(), 32 * 1024 + 1), ErrorCode::handshake_too_large);
  EXPECT_EQ(with_cookie(client_options(), 65000), ErrorCode::handshake_too_large);
}

TEST(Sizes, TicketsTooLongAreNotOffered) {
  const auto offers_psk = [](size_t size) {
    bool offered = false;
    (void)refusal(with_ticket(size), server_options(),
                  alter_hello(1, [&](ClientHello& h) { offered = h.pre_shared_key.has_value(); }));
    return offered;
  };
  EXPECT_TRUE(offers_psk(longest_ticket));
  EXPECT_FALSE(offers_psk(longest_ticket + 1));
  EXPECT_FALSE(offers_psk(70000));
  EXPECT_FALSE(offers_psk(0));
}

TEST(Sizes, TicketsTooLongAreNotKept) {
  struct Long : TicketSealer {
    explicit Long(size_t n) : size(n) {}
    std::vector<uint8_t> seal(Bytes, Time) const override { return std::vector<uint8_t>(size); }
    std::optional<SecretBytes> open(Bytes, Time) const override { return std::nullopt; }
    size_t size;
  };
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13})
    for (const bool fits : {true, false}) {
      const auto store = std::make_shared<PlainSessionStore>();
      ClientOptions c = client_options();
      c.common.versions = {version, version};
      c.sessions = store;
      ServerOptions s = server_options();
      s.tickets = std::make_shared<Long>(longest_ticket + (fits ? 0 : 1));
      Pair pair = make_pair(c, s);
      pair.run();
      ASSERT_TRUE(pair.both_done()) << pair.errors();
      EXPECT_EQ(store->sessions.begin()->second.empty(), !fits);
    }
}

// RFC 1035 §2.3.4; RFC 6066 §3 has no bound of its own, and the name goes into tickets and logs.
TEST(Sizes, ServerNamesHaveAtMost255Bytes) {
  const auto decodes = [](size_t size) {
    std::vector<uint8_t> body;
    Writer w(body);
    const std::string name(size, 'a');
    encode_server_name(w, as_bytes(name));
    Reader r(body);
    (void)decode_server_name(r);
    return r.done();
  };
  EXPECT_TRUE(decodes(255));
  EXPECT_FALSE(decodes(256));
  EXPECT_FALSE(decodes(30000));
}

TEST(Sizes, AlpnListsThatWouldFillAHello) {
  ClientOptions c = client_options();
  c.common.alpn.assign(32, std::string(255, 'x'));
  EXPECT_TRUE(make_client_config(c));
  c.common.alpn.emplace_back("y");
  EXPECT_EQ(make_client_config(c).error().code, ErrorCode::bad_config);
  c.common.alpn = {std::string(256, 'x')};
  EXPECT_EQ(make_client_config(c).error().code, ErrorCode::bad_config);
}

// RFC 9846 §4.3.4, RFC 5246 §7.4.4: the names of the CAs are advice; more of them than fit are left out.
TEST(Sizes, MoreAuthoritiesThanFit) {
  struct Popular : Verifier {
    Result<ChainVerified> verify(const VerifyRequest& request) const override {
      return inner.verify(request);
    }
    std::vector<std::vector<uint8_t>> accepted_authorities() const override {
      return std::vector<std::vector<uint8_t>>(700, std::vector<uint8_t>(100, 0x30));
    }
    WebPkiVerifier inner{roots()};
  };
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    ClientOptions c = client_options();
    c.common.versions = {version, version};
    c.identity = identity("client");
    ServerOptions s = server_options();
    s.client_auth = ClientAuth::required;
    s.client_verifier = std::make_shared<Popular>();
    Pair pair = make_pair(c, s);
    pair.run();
    EXPECT_TRUE(pair.both_done()) << pair.errors();
  }
}

TEST(Sizes, AStapleThatDoesNotFitIsLeftOut) {
  ClientOptions c = client_options();
  c.ocsp = OcspStapling::requested;
  ServerOptions s = server_options();
  s.identity = identity("p256")->with_ocsp_response(std::vector<uint8_t>(65533, 1));
  Pair pair = make_pair(c, s);
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  EXPECT_TRUE(pair.client.connection.info().ocsp_response.empty());
}

// ---------------------------------------------------------------------------------------------------- floods

// RFC 9846 §4.3.10: refused early data has a limit; records without a byte of it have one too.
TEST(Floods, EmptyRecordsOfRefusedEarlyData) {
  Side client{Connection::client(make_client_config(client_options()).value(),
                                 ServerName::parse("localhost").value())};
  client.run(test_now);
  const Wire original = bulla::to_vector(client.output.pending().subspan(5));
  ClientHello hello = ClientHello::decode(Bytes(original).subspan(4)).value();
  hello.early_data = true;
  const Wire altered = encode_client_hello(hello);
  Side server{Connection::server(make_server_config(server_options()).value())};
  server.input = {22, 3, 1, static_cast<uint8_t>(altered.size() >> 8), static_cast<uint8_t>(altered.size())};
  server.input.insert(server.input.end(), altered.begin(), altered.end());
  for (int i = 0; i < 20000; ++i) server.input.insert(server.input.end(), {23, 3, 3, 0, 0});
  server.run(test_now);
  ASSERT_TRUE(server.error);
  EXPECT_EQ(server.error->code, ErrorCode::too_much_early_data);
}

/// A connected server that gets `content` as a handshake record from its own client.
std::optional<ErrorCode> server_says_to(ProtocolVersion version, const Wire& content) {
  const auto forger = std::make_shared<Forger>();
  ClientOptions c = client_options();
  c.common.versions = {version, version};
  c.common.tap = forger;
  Pair pair = make_pair(c, server_options());
  pair.run();
  EXPECT_TRUE(pair.both_done()) << pair.errors();
  if (version == ProtocolVersion::tls13) {
    pair.server.input =
        forger->record("CLIENT_TRAFFIC_SECRET_0", {.type = ContentType::handshake, .content = content});
    pair.server.run(test_now);
    if (!pair.server.error) return std::nullopt;
    return pair.server.error->code;
  }
  (void)pair.server.connection.hand_to_kernel().value();
  const Event event =
      pair.server.connection.kernel_record(ContentType::handshake, content, pair.server.output, test_now);
  const auto* failed = std::get_if<Failed>(&event);
  if (!failed) return std::nullopt;
  return failed->error.code;
}

// An idle connection is not made a large one by messages that begin and never end.
TEST(Floods, MessagesThatCannotComeAreRefusedByTheirHeader) {
  using enum ProtocolVersion;
  EXPECT_EQ(server_says_to(tls13, {11, 0, 0xff, 0xff, 0, 0}), ErrorCode::unexpected_message);
  EXPECT_EQ(server_says_to(tls13, {1}), ErrorCode::unexpected_message);
  EXPECT_EQ(server_says_to(tls13, {4, 0, 0x10, 0}), ErrorCode::unexpected_message);
  EXPECT_EQ(server_says_to(tls13, {24, 0, 0x7f, 0xff}), ErrorCode::decode_error);
  EXPECT_EQ(server_says_to(tls13, {24, 0, 0}), std::nullopt);  // may still become one
  EXPECT_EQ(server_says_to(tls12, {11, 0, 0xff, 0xff, 0, 0}), ErrorCode::unexpected_message);
  EXPECT_EQ(server_says_to(tls12, {1, 0, 0x7f, 0xff}), ErrorCode::renegotiation_refused);
}

// RFC 7301 §3.2: no_application_protocol; and a log line does not grow with what a peer offers.
TEST(Floods, AnErrorNamesAFewProtocolsOnly) {
  ServerOptions s = server_options();
  s.common.alpn = {"ours"};
  ClientOptions c = client_options();
  for (int i = 0; i < 30; ++i) c.common.alpn.push_back("theirs-" + std::to_string(i));
  const auto error = refusal_of(c, s, leave_alone);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::no_common_alpn);
  EXPECT_EQ(error->alert_to_send(), AlertDescription::no_application_protocol);
  EXPECT_LT(error->detail.size(), 100u);
  EXPECT_NE(error->detail.find("and more"), std::string::npos);
}

}  // namespace
}  // namespace bulla::test
