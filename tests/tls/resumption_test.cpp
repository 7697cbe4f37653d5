// What a session may be resumed for, and for how long: RFC 9846 §2.2, §4.3.9, §4.3.11, §4.7.1, §C.4; RFC 7627
// §5.3.
#include "tls/core_between.h"
#include "tls/forge.h"
#include "tls/session_state.h"
#include "tls/tls13/key_schedule.h"

#include <gtest/gtest.h>

#include <set>

namespace bulla::test {
namespace {

using namespace bulla::tls;

/// One client and one server with what they remember; each visit is a connection.
struct Town {
  explicit Town(ProtocolVersion version = ProtocolVersion::tls13) {
    client.sessions = store;
    client.common.versions = {version, version};
    server.tickets = tickets;
    server.tickets_per_handshake = 1;
  }
  std::shared_ptr<PlainSessionStore> store = std::make_shared<PlainSessionStore>();
  std::shared_ptr<const RotatingTickets> tickets = RotatingTickets::fresh(Seconds{30 * 24 * 3600});
  ClientOptions client = client_options();
  ServerOptions server = server_options();
  ClientConfigPtr client_config = {};
  Time now = test_now;

  Pair visit() {
    if (!client_config) client_config = make_client_config(client).value();
    Pair pair = make_pair(client_config, make_server_config(server).value());
    pair.now = now;
    pair.run();
    EXPECT_TRUE(pair.both_done()) << pair.errors();
    return pair;
  }
  HandshakeKind visit_kind() {
    Pair pair = visit();
    EXPECT_EQ(pair.client.connection.info().kind, pair.server.connection.info().kind);
    return pair.server.connection.info().kind;
  }
  std::deque<ClientSessionPtr>& kept() { return store->sessions.begin()->second; }
};

ClientSessionPtr with(const ClientSession& s, const std::function<void(ClientSession&)>& change) {
  auto copy = std::make_shared<ClientSession>();
  copy->version = s.version;
  copy->suite = s.suite;
  copy->secret = s.secret.clone();
  copy->ticket = s.ticket;
  copy->session_id = s.session_id;
  copy->age_add = s.age_add;
  copy->lifetime = s.lifetime;
  copy->received = s.received;
  copy->authenticated = s.authenticated;
  copy->extended_master_secret = s.extended_master_secret;
  copy->alpn = s.alpn;
  copy->peer_chain = s.peer_chain;
  copy->config = s.config;
  change(*copy);
  return copy;
}

// ------------------------------------------------------------------------------ identities (RFC 9846
// §4.3.11)

/// A hello of ours with one good ticket, and `before` identities that are not before it.
std::optional<Error> behind(size_t before, std::function<void(OfferedPsks&)> change = {}) {
  Town town;
  town.visit();
  const ClientSessionPtr session = town.kept().back();
  struct One : ClientSessionStore {
    explicit One(ClientSessionPtr s) : session(std::move(s)) {}
    void put(const std::string&, ClientSessionPtr) override {}
    ClientSessionPtr take(const std::string&) override { return session; }
    ClientSessionPtr session;
  };
  ClientOptions c = town.client;
  c.sessions = std::make_shared<One>(session);
  const std::vector<uint8_t> unknown(40, 0x5a);
  return refusal_of(c, town.server, [&](Toward toward, Wire& message) {
    if (toward != Toward::server || type_of(message) != HandshakeType::client_hello) return;
    const Wire original = message;
    ClientHello hello = ClientHello::decode(Bytes(original).subspan(4)).value();
    OfferedPsks& psks = *hello.pre_shared_key;
    const std::vector<uint8_t> zeros(32);
    for (size_t i = 0; i < before; ++i) {
      psks.identities.insert(psks.identities.begin(), {unknown, 0});
      psks.binders.insert(psks.binders.begin(), zeros);
    }
    // The binder of the one that counts, over the hello as it has become (RFC 9846 §4.3.11.2).
    psks.binders.back() = zeros;
    Wire whole = encode_client_hello(hello);
    const HashAlgorithm& hash = *default_provider().hash(HashId::sha256);
    Transcript transcript;
    const Bytes truncated = Bytes(whole).first(whole.size() - (2 + 33 * psks.binders.size()));
    const Digest mac =
        tls13::EarlyStage(hash, session->secret.reveal()).binder(transcript.digest_with(hash, truncated));
    const std::vector<uint8_t> binder = bulla::to_vector(Bytes(mac));
    psks.binders.back() = binder;
    if (change) change(psks);
    message = encode_client_hello(hello);
  });
}

TEST(PskIdentities, UnknownOnesArePassedOver) {
  EXPECT_EQ(behind(0), std::nullopt);
  // The server selects identity 1 to 3; our client, which offered one, says so.
  for (const size_t before : {1u, 2u, 3u}) {
    const auto error = behind(before);
    ASSERT_TRUE(error) << before;
    EXPECT_EQ(error->code, ErrorCode::psk_selected_unknown) << before;
  }
}

// Untrusted work has a budget: what stands behind the limit is not looked at, and a full handshake follows.
TEST(PskIdentities, NoMoreThanTheLimit) {
  const auto error = behind(4);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::bad_handshake_signature);
}

// RFC 9846 §4.3.11: "validate solely the binder that corresponds to that PSK", and abort if it is wrong.
TEST(PskIdentities, OnlyTheSelectedOnesBinderCounts) {
  static const std::vector<uint8_t> wrong(32, 1);
  EXPECT_EQ(behind(1, [](OfferedPsks& psks) { psks.binders.front() = wrong; })->code,
            ErrorCode::psk_selected_unknown);
  const auto error = behind(1, [](OfferedPsks& psks) { psks.binders.back() = wrong; });
  EXPECT_EQ(error->code, ErrorCode::psk_binder_mismatch);
  EXPECT_EQ(error->alert_to_send(), AlertDescription::decrypt_error);
}

// RFC 9846 §4.3.9: pre_shared_key without psk_key_exchange_modes; and modes without psk_dhe_ke.
TEST(PskIdentities, ModesAreHeeded) {
  Town town;
  town.visit();
  const auto changed = [&](std::function<void(ClientHello&)> change) {
    ClientOptions c = town.client;
    struct One : ClientSessionStore {
      explicit One(ClientSessionPtr s) : session(std::move(s)) {}
      void put(const std::string&, ClientSessionPtr) override {}
      ClientSessionPtr take(const std::string&) override { return session; }
      ClientSessionPtr session;
    };
    c.sessions = std::make_shared<One>(town.kept().back());
    return refusal(c, town.server, alter_hello(1, std::move(change)));
  };
  static const uint8_t psk_ke[] = {0};
  EXPECT_EQ(changed([](ClientHello& h) { h.psk_modes.reset(); }), ErrorCode::missing_extension);
  EXPECT_EQ(changed([](ClientHello& h) { h.psk_modes = psk_ke; }), ErrorCode::bad_handshake_signature);
}

// ---------------------------------------------------------------------------------------------- what binds
// it

class Bound : public testing::TestWithParam<ProtocolVersion> {};
INSTANTIATE_TEST_SUITE_P(Versions, Bound, testing::Values(ProtocolVersion::tls12, ProtocolVersion::tls13),
                         [](const auto& info) {
                           return info.param == ProtocolVersion::tls12 ? "Tls12" : "Tls13";
                         });

TEST_P(Bound, ResumesUnderWhatItWasMadeWith) {
  Town town(GetParam());
  EXPECT_EQ(town.visit_kind(), HandshakeKind::full);
  EXPECT_EQ(town.visit_kind(), HandshakeKind::resumed);
}

TEST_P(Bound, NotToAnotherSuite) {
  Town town(GetParam());
  town.client.common.cipher_suites = {CipherSuite::aes_128_gcm_sha256,
                                      CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256};
  town.visit();
  town.server.common.cipher_suites = {CipherSuite::chacha20_poly1305_sha256, CipherSuite::aes_256_gcm_sha384,
                                      CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384};
  town.client.common.cipher_suites = {};
  const auto sessions = town.kept();
  town.client_config.reset();
  town.store->sessions.clear();
  town.client_config = make_client_config(town.client).value();
  town.visit();
  town.kept() = sessions;  // as if the new config had made them
  EXPECT_EQ(town.visit_kind(), HandshakeKind::full);
}

// A new config at an old one's address is not the old one: sessions belong to a verifier and an identity.
TEST_P(Bound, NotToAnotherClientConfig) {
  Town town(GetParam());
  for (int i = 0; i < 8; ++i) {
    town.client_config.reset();  // frees the address for the next
    EXPECT_EQ(town.visit_kind(), HandshakeKind::full) << i;
  }
}

TEST_P(Bound, NotToAnotherPolicyOfTheServer) {
  Town town(GetParam());
  town.client.identity = identity("client");
  town.server.client_auth = ClientAuth::optional;
  town.server.client_roots = roots();
  town.visit();
  town.server.client_auth = ClientAuth::required;
  EXPECT_EQ(town.visit_kind(), HandshakeKind::full);
  town.visit();
  town.server.client_roots = roots("other-ca");
  Pair pair = make_pair(town.client_config, make_server_config(town.server).value());
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::certificate_unknown_issuer);
}

/// A verifier without names of its own, so that nothing but its answer tells it from another.
class Doorman : public Verifier {
 public:
  Result<ChainVerified> verify(const VerifyRequest& request) const override {
    ++asked;
    if (refuses) return Error{ErrorCode::certificate_policy, "not today"};
    return inner.verify(request);
  }
  WebPkiVerifier inner{roots()};
  mutable int asked = 0;
  bool refuses = false;
};

// RFC 9846 §4.7.1: the remembered chain is judged again; a refusal costs the resumption, and what the full
// handshake says counts.
TEST_P(Bound, TheClientsChainIsVerifiedAgain) {
  const auto doorman = std::make_shared<Doorman>();
  Town town(GetParam());
  town.client.identity = identity("client");
  town.server.client_auth = ClientAuth::required;
  town.server.client_verifier = doorman;
  town.visit();
  EXPECT_EQ(doorman->asked, 1);
  {
    Pair pair = town.visit();
    EXPECT_EQ(pair.server.connection.info().kind, HandshakeKind::resumed);
    EXPECT_FALSE(pair.server.connection.info().verified_path.empty());
    EXPECT_EQ(doorman->asked, 2);
  }
  if (GetParam() == ProtocolVersion::tls13) town.visit();
  doorman->refuses = true;
  Pair pair = make_pair(town.client_config, make_server_config(town.server).value());
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::certificate_policy);

  doorman->refuses = false;
  town.visit();
  doorman->refuses = true;
  town.server.resumed_clients = ResumedClients::remembered;
  EXPECT_EQ(town.visit_kind(), HandshakeKind::resumed);
}

// A refused chain leads to a full handshake, not to a failure: the client may have another certificate now.
TEST_P(Bound, ARefusedChainLeadsToAFullHandshake) {
  struct Once : Verifier {
    Result<ChainVerified> verify(const VerifyRequest& request) const override {
      if (++asked == 2) return ErrorCode::certificate_policy;
      return inner.verify(request);
    }
    WebPkiVerifier inner{roots()};
    mutable int asked = 0;
  };
  Town town(GetParam());
  town.client.identity = identity("client");
  town.server.client_auth = ClientAuth::required;
  town.server.client_verifier = std::make_shared<Once>();
  town.visit();
  Pair pair = town.visit();
  EXPECT_EQ(pair.server.connection.info().kind, HandshakeKind::full);
  EXPECT_EQ(pair.server.connection.info().peer_chain.size(), 1u);
}

// ------------------------------------------------------------------------------------------------- lifetimes

TEST_P(Bound, NotAfterItsLifetime) {
  Town town(GetParam());
  town.server.ticket_lifetime = Seconds{60};
  town.visit();
  town.now += Seconds{60};
  EXPECT_EQ(town.visit_kind(), HandshakeKind::full);
}

// A client that keeps a ticket too long meets a server that looks by itself.
TEST_P(Bound, TheServerCountsToo) {
  Town town(GetParam());
  town.server.ticket_lifetime = Seconds{60};
  town.visit();
  town.kept().back() = with(*town.kept().back(), [](ClientSession& s) { s.lifetime = Seconds{3600}; });
  town.now += Seconds{61};
  EXPECT_EQ(town.visit_kind(), HandshakeKind::full);
  town.now = test_now - Seconds{1};  // and time that runs backwards resumes nothing
  EXPECT_EQ(town.visit_kind(), HandshakeKind::full);
}

// RFC 9846 §4.7.1: "RECOMMENDED that implementations place limits on the total lifetime": a ticket that comes
// from a ticket does not begin anew.
TEST(Lifetimes, TicketsFromTicketsEndWithTheFirstHandshake) {
  Town town;
  town.server.ticket_lifetime = Seconds{3600};
  town.server.authentication_lifetime = Seconds{3 * 3600};
  EXPECT_EQ(town.visit_kind(), HandshakeKind::full);
  for (int i = 0; i < 3; ++i) {
    town.now += Seconds{3500};
    EXPECT_EQ(town.visit_kind(), HandshakeKind::resumed) << i;
  }
  EXPECT_EQ(town.kept().back()->lifetime, Seconds{300});
  town.now += Seconds{299};
  const auto last = town.kept().back();
  EXPECT_EQ(town.visit_kind(), HandshakeKind::resumed);
  town.now += Seconds{1};
  town.store->sessions.begin()->second = {with(*last, [](ClientSession& s) { s.lifetime = Seconds{3600}; })};
  EXPECT_EQ(town.visit_kind(), HandshakeKind::full);
}

// The same, seen from the client: a server cannot live for ever on one signature.
TEST(Lifetimes, ClientsCountFromTheServersSignature) {
  Town town;
  town.server.ticket_lifetime = seven_days;
  town.visit();
  const auto first = town.kept().back();
  EXPECT_EQ(first->authenticated, test_now);
  town.now += seven_days - Seconds{10};
  EXPECT_EQ(town.visit_kind(), HandshakeKind::resumed);
  EXPECT_EQ(town.kept().back()->authenticated, test_now);
  EXPECT_LE(town.kept().back()->lifetime, Seconds{10});
}

// RFC 9846 §4.7.1, §C.4: every ticket has an age_add, a nonce and a PSK of its own, and is used once.
TEST(Lifetimes, TicketsDiffer) {
  for (const unsigned count : {0u, 1u, 3u, 16u}) {
    Town town;
    town.server.tickets_per_handshake = count;
    town.visit();
    std::set<uint32_t> age_adds;
    std::set<std::string> secrets;
    std::set<std::vector<uint8_t>> tickets;
    for (const ClientSessionPtr& session : town.kept()) {
      age_adds.insert(session->age_add);
      secrets.insert(to_hex(session->secret.reveal()));
      tickets.insert(session->ticket);
    }
    EXPECT_EQ(age_adds.size(), count);
    EXPECT_EQ(secrets.size(), count);
    EXPECT_EQ(tickets.size(), count);
    town.visit();  // takes one of them, if there is any
    EXPECT_EQ(town.kept().size(), count == 0 ? 0 : 2 * count - 1);
  }
}

/// The system's, with a count of what it is asked for.
struct CountedRandom : Random {
  void fill(MutBytes out) noexcept override {
    ++requests, bytes += out.size();
    default_provider().random->fill(out);
  }
  size_t requests = 0, bytes = 0;
};

// A request for random bytes costs as much as a ticket does besides.
TEST(Lifetimes, OneRequestForAllAgeAdds) {
  const auto asked_with = [](unsigned tickets) {
    Town town;
    const auto random = std::make_shared<CountedRandom>();
    town.server.common.random = random;
    town.server.tickets_per_handshake = tickets;
    town.visit();
    return std::pair(random->requests, random->bytes);
  };
  const auto [requests, bytes] = asked_with(0);
  EXPECT_EQ(asked_with(1), std::pair(requests + 1, bytes + 4));
  EXPECT_EQ(asked_with(16), std::pair(requests + 1, bytes + 64));
}

// RFC 9846 §4.3.11.1: the age in milliseconds plus ticket_age_add, modulo 2^32, in network order.
TEST(Lifetimes, TheObfuscatedAge) {
  Town town;
  town.visit();
  const ClientSessionPtr session = town.kept().back();
  town.now += Milliseconds{123456};
  Side client{Connection::client(town.client_config, ServerName::parse("localhost").value())};
  client.run(town.now);
  const Wire hello = bulla::to_vector(client.output.pending().subspan(5));
  const ClientHello decoded = ClientHello::decode(Bytes(hello).subspan(4)).value();
  EXPECT_EQ(decoded.pre_shared_key->identities.front().obfuscated_ticket_age, session->age_add + 123456u);
}

// ------------------------------------------------------------------------------------------ a session at
// rest

TEST(ServerSessions, WhatDoesNotParseIsNone) {
  ServerSession session;
  session.secret = decltype(session.secret)(size_t{32});
  session.peer_chain = identity("client")->chain();
  session.authenticated = session.issued = test_now;
  const SecretBytes encoded = session.encode();
  ASSERT_TRUE(ServerSession::decode(encoded.reveal()));
  EXPECT_EQ(ServerSession::decode(encoded.reveal())->authenticated, test_now);
  for (size_t n = 0; n < encoded.size(); ++n)
    EXPECT_FALSE(ServerSession::decode(encoded.reveal().first(n))) << n;
  std::vector<uint8_t> longer = to_vector(encoded.reveal());
  longer.push_back(0);
  EXPECT_FALSE(ServerSession::decode(longer));
  longer.pop_back();
  longer[0] = 1;  // an older format
  EXPECT_FALSE(ServerSession::decode(longer));
}

// Found by fuzzing: reckoning with a time at the end of its type overflows.
TEST(ServerSessions, TimesThatCannotBeAreRefused) {
  using std::chrono::days;
  const Time far[] = {Time::min(), Time::max(), Time{} - Milliseconds{1}, Time{} + days{365 * 9000}};
  ServerSession session;
  session.secret = decltype(session.secret)(size_t{32});
  for (const Time time : far) {
    session.authenticated = session.issued = time;
    EXPECT_FALSE(ServerSession::decode(session.encode().reveal()));
    session.authenticated = test_now;
    EXPECT_FALSE(ServerSession::decode(session.encode().reveal()));
  }
  // What was authenticated after it was issued was neither.
  session.issued = test_now - Milliseconds{1};
  EXPECT_FALSE(ServerSession::decode(session.encode().reveal()));
  session.issued = test_now;
  EXPECT_TRUE(ServerSession::decode(session.encode().reveal()));
}

TEST(ServerSessions, AChainTooLongIsNotRemembered) {
  ServerSession session;
  session.secret = decltype(session.secret)(size_t{32});
  for (int i = 0; i < 40; ++i) session.peer_chain.push_back(identity("client")->chain().front());
  EXPECT_TRUE(session.encode().empty());
}

}  // namespace
}  // namespace bulla::test
