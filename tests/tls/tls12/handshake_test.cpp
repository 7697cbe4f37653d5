// Whole TLS 1.2 handshakes that end well, seen message by message.
#include "tls/tls12/exchange.h"

#include "base/ct.h"
#include "tls/session_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::test {
namespace {

using namespace bulla::tls;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

/// The types of what was delivered; 0 stands for change_cipher_spec.
std::vector<int> types(const std::vector<Letter>& letters) {
  std::vector<int> out;
  for (const Letter& letter : letters) out.push_back(letter.is_change_cipher_spec() ? 0 : letter.bytes[0]);
  return out;
}

void expect_agreement(const Exchange& e) {
  ASSERT_TRUE(e.done()) << e.errors();
  EXPECT_EQ(e.client_box.read_key, e.server_box.write_key);
  EXPECT_EQ(e.client_box.write_key, e.server_box.read_key);
  EXPECT_NE(e.client_box.read_key, e.client_box.write_key);
  EXPECT_TRUE(ct::equal(e.client->connected()->exporter.reveal(), e.server->connected()->exporter.reveal()));
  EXPECT_TRUE(e.client->connected()->resumption.empty());
  for (const ConnectionInfo* info : {&e.client_info, &e.server_info}) {
    EXPECT_EQ(info->version, ProtocolVersion::tls12);
    EXPECT_EQ(info->suite, e.client_info.suite);
    EXPECT_EQ(info->group, e.client_info.group);
    EXPECT_EQ(info->kind, e.client_info.kind);
    EXPECT_EQ(info->alpn, e.client_info.alpn);
    EXPECT_TRUE(info->extended_master_secret);
    EXPECT_EQ(info->server_name, "localhost");
  }
  EXPECT_EQ(e.client_info.peer_signature, e.server_info.own_signature);
  EXPECT_EQ(e.server_info.peer_signature, e.client_info.own_signature);
}

// RFC 5246 §7.3, figure 1.
TEST(Tls12Handshake, FullInTheOrderOfTheRfc) {
  auto e = exchange(client12(), server12());
  e->run();
  expect_agreement(*e);
  EXPECT_THAT(types(e->to_server), ElementsAre(1, 16, 0, 20));
  EXPECT_THAT(types(e->to_client), ElementsAre(2, 11, 12, 14, 0, 20));
  EXPECT_TRUE(std::holds_alternative<CertificateAuthenticated>(e->client->connected()->peer));
  EXPECT_TRUE(std::holds_alternative<ClientUnauthenticated>(e->server->connected()->peer));
  EXPECT_EQ(e->client_info.kind, HandshakeKind::full);
  EXPECT_EQ(e->client_info.group, NamedGroup::x25519);
  EXPECT_EQ(e->to_client.back().level, EncryptionLevel::application);
  EXPECT_EQ(e->to_client.front().level, EncryptionLevel::initial);
}

struct Combination {
  const char* identity;
  CipherSuite suite;
  NamedGroup group;
};
class Tls12Algorithms : public testing::TestWithParam<Combination> {};
INSTANTIATE_TEST_SUITE_P(
    All, Tls12Algorithms,
    testing::Values(
        Combination{"p256", CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256, NamedGroup::secp256r1},
        Combination{"p384", CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384, NamedGroup::secp384r1},
        Combination{"ed25519", CipherSuite::ecdhe_ecdsa_with_chacha20_poly1305_sha256, NamedGroup::x25519},
        Combination{"rsa", CipherSuite::ecdhe_rsa_with_aes_128_gcm_sha256, NamedGroup::secp521r1},
        Combination{"rsa", CipherSuite::ecdhe_rsa_with_aes_256_gcm_sha384, NamedGroup::x25519},
        Combination{"rsa-pss", CipherSuite::ecdhe_rsa_with_chacha20_poly1305_sha256, NamedGroup::x25519}));

TEST_P(Tls12Algorithms, Complete) {
  if (!default_provider().group(GetParam().group)) GTEST_SKIP() << "the provider lacks the group";
  ClientOptions client = client12();
  client.common.cipher_suites = {GetParam().suite};
  client.common.groups = {GetParam().group};
  ServerOptions server = server12(GetParam().identity);
  server.common.groups = {GetParam().group};
  auto e = exchange(client, server);
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.suite, GetParam().suite);
  EXPECT_EQ(e->client_info.group, GetParam().group);
}

// RFC 8446 §4.2.7: the hybrid groups stand first in the default order, and are passed over here.
TEST(Tls12Handshake, HybridGroupsArePassedOver) {
  ClientOptions client = client12();
  client.common.groups = {NamedGroup::x25519mlkem768, NamedGroup::secp256r1};
  if (!default_provider().group(NamedGroup::x25519mlkem768)) client.common.groups = {NamedGroup::secp256r1};
  auto e = exchange(client, server12());
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.group, NamedGroup::secp256r1);
}

TEST(Tls12Handshake, AlpnServerNameAndStapledOcsp) {
  ClientOptions client = client12();
  client.common.alpn = {"h2", "http/1.1"};
  client.ocsp = OcspStapling::requested;
  client.roots.reset();
  client.verifier = dangerous::accept_any_certificate("a made-up OCSP response");
  ServerOptions server = server12();
  server.common.alpn = {"http/1.1"};
  server.identity = server.identity->with_ocsp_response({1, 2, 3});
  auto e = exchange(client, server);
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.alpn, "http/1.1");
  EXPECT_THAT(e->client_info.ocsp_response, ElementsAre(1, 2, 3));
  EXPECT_THAT(types(e->to_client), ElementsAre(2, 11, 22, 12, 14, 0, 20));
  EXPECT_EQ(e->client_info.asserted_because, "a made-up OCSP response");
  EXPECT_THAT(e->client_info.verified_path, IsEmpty());
}

// RFC 6066 §8: acknowledged, and yet left out.
TEST(Tls12Handshake, CertificateStatusMayBeLeftOut) {
  ClientOptions client = client12();
  client.ocsp = OcspStapling::requested;
  ServerOptions server = server12();
  server.identity = server.identity->with_ocsp_response({1, 2, 3});
  auto e = exchange(client, server);
  e->wire = dropping(Toward::client, 2);
  e->run();
  // The client went on to the end of its flight; only the transcripts differ now.
  EXPECT_EQ(e->server_code(), ErrorCode::finished_mismatch) << e->errors();
  EXPECT_EQ(e->count(Toward::server, HandshakeType::client_key_exchange), 1u);
}

TEST(Tls12Handshake, MutualAuthentication) {
  for (const ClientAuth auth : {ClientAuth::optional, ClientAuth::required}) {
    ClientOptions client = client12();
    client.identity = identity("client");
    ServerOptions server = server12("rsa");
    server.client_auth = auth;
    server.client_roots = roots();
    auto e = exchange(client, server);
    e->run();
    expect_agreement(*e);
    EXPECT_THAT(types(e->to_server), ElementsAre(1, 11, 16, 15, 0, 20));
    EXPECT_THAT(types(e->to_client), ElementsAre(2, 11, 12, 13, 14, 0, 20));
    EXPECT_TRUE(std::holds_alternative<CertificateAuthenticated>(e->server->connected()->peer));
    EXPECT_EQ(e->server_info.peer_chain.size(), 1u);
    EXPECT_EQ(e->server_info.verified_path.size(), 2u);
    EXPECT_TRUE(e->server_info.peer_signature.has_value());
  }
}

// RFC 5246 §7.4.6: an empty list and no CertificateVerify.
TEST(Tls12Handshake, OptionalClientCertificateMayBeAbsent) {
  ServerOptions server = server12();
  server.client_auth = ClientAuth::optional;
  server.client_roots = roots();
  auto e = exchange(client12(), server);
  e->run();
  expect_agreement(*e);
  EXPECT_THAT(types(e->to_server), ElementsAre(1, 11, 16, 0, 20));
  EXPECT_TRUE(std::holds_alternative<ClientUnauthenticated>(e->server->connected()->peer));
}

// RFC 9850 §2.1: one CLIENT_RANDOM line with the master secret, the same on both sides, in both kinds of
// handshake.
TEST(Tls12Handshake, TellsSecretsAndDecisions) {
  const auto client_notes = std::make_shared<Notes>(), server_notes = std::make_shared<Notes>();
  ClientOptions client = client12();
  client.common.tap = client_notes;
  ServerOptions server = server12();
  server.common.tap = server_notes;
  auto e = exchange(client, server);
  e->run();
  expect_agreement(*e);
  ASSERT_EQ(client_notes->secrets.size(), 1u);
  EXPECT_TRUE(client_notes->secrets[0].starts_with("CLIENT_RANDOM "));
  EXPECT_EQ(client_notes->secrets, server_notes->secrets);
  EXPECT_THAT(client_notes->decisions,
              ElementsAre("version", "cipher_suite", "server_certificate", "group", "server_signature"));
  EXPECT_THAT(server_notes->decisions,
              ElementsAre("version", "cipher_suite", "group", "signature_scheme", "server_certificate"));
}

// RFC 9846 §4.2.3: a server that knows 1.3 writes the sentinel, one that does not leaves its random alone.
TEST(Tls12Handshake, DowngradeSentinel) {
  ServerOptions both = server12();
  both.common.versions = {};
  for (const bool knows_13 : {true, false}) {
    std::string random;
    auto e = exchange(client12(), knows_13 ? both : server12());
    e->wire = altering<ServerHello12>([&](ServerHello12& hello) { random = to_hex(hello.random); });
    e->run();
    expect_agreement(*e);
    EXPECT_EQ(random.ends_with("444f574e47524401"), knows_13);
  }
}

// ------------------------------------------------------------------------------------------- resumption

struct Resumable {
  ClientConfigPtr client;
  ServerConfigPtr server;
  std::shared_ptr<PlainSessionStore> store = std::make_shared<PlainSessionStore>();
  std::shared_ptr<PlainSessionCache> cache = std::make_shared<PlainSessionCache>();

  enum class By { ticket, session_id };
  explicit Resumable(By by, ClientAuth auth = ClientAuth::none) {
    ClientOptions c = client12();
    c.sessions = store;
    c.common.alpn = {"h2"};
    if (auth != ClientAuth::none) c.identity = identity("client");
    ServerOptions s = server12();
    s.common.alpn = {"h2"};
    s.client_auth = auth;
    if (auth != ClientAuth::none) s.client_roots = roots();
    if (by == By::ticket) s.tickets = RotatingTickets::fresh();
    s.session_cache = cache;
    client = make_client_config(c).value();
    server = make_server_config(s).value();
  }
};

class Tls12Resumption : public testing::TestWithParam<Resumable::By> {};
INSTANTIATE_TEST_SUITE_P(All, Tls12Resumption,
                         testing::Values(Resumable::By::ticket, Resumable::By::session_id));

// RFC 5246 §7.3, figure 2; RFC 5077 §3.1.
TEST_P(Tls12Resumption, AgainAndAgain) {
  const bool ticket = GetParam() == Resumable::By::ticket;
  const Resumable configs(GetParam());
  auto first = exchange(configs.client, configs.server);
  first->run();
  expect_agreement(*first);
  EXPECT_EQ(types(first->to_client),
            ticket ? std::vector({2, 11, 12, 14, 4, 0, 20}) : std::vector({2, 11, 12, 14, 0, 20}));
  EXPECT_EQ(configs.cache->sessions.size(), ticket ? 0u : 1u);
  for (int round = 0; round < 2; ++round) {
    auto e = exchange(configs.client, configs.server);
    e->run();
    expect_agreement(*e);
    EXPECT_THAT(types(e->to_server), ElementsAre(1, 0, 20));
    EXPECT_THAT(types(e->to_client), ElementsAre(2, 0, 20));
    EXPECT_EQ(e->client_info.kind, HandshakeKind::resumed);
    EXPECT_EQ(e->client_info.group, std::nullopt);
    EXPECT_EQ(e->client_info.peer_signature, std::nullopt);
    EXPECT_EQ(e->client_info.alpn, "h2");
    EXPECT_EQ(e->client_info.peer_chain.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<ResumptionAuthenticated>(e->client->connected()->peer));
    EXPECT_TRUE(std::holds_alternative<ResumptionAuthenticated>(e->server->connected()->peer));
    EXPECT_NE(e->client_box.read_key, first->client_box.read_key) << "fresh randoms, fresh keys";
  }
}

TEST_P(Tls12Resumption, RemembersTheClientsCertificate) {
  const Resumable configs(GetParam(), ClientAuth::required);
  for (int round = 0; round < 2; ++round) {
    auto e = exchange(configs.client, configs.server);
    e->run();
    expect_agreement(*e);
    EXPECT_EQ(e->server_info.kind, round ? HandshakeKind::resumed : HandshakeKind::full);
    ASSERT_EQ(e->server_info.peer_chain.size(), 1u);
    EXPECT_EQ(e->server_info.peer_chain[0]->subject(), identity("client")->leaf().subject());
  }
}

TEST_P(Tls12Resumption, EndsWithTheLifetime) {
  const Resumable configs(GetParam());
  auto e = exchange(configs.client, configs.server);
  e->run();
  expect_agreement(*e);
  e = exchange(configs.client, configs.server);
  e->now += configs.server->options().ticket_lifetime;
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.kind, HandshakeKind::full);
}

/// Changes what the client keeps.
void change_session(PlainSessionStore& store, const std::function<void(ClientSession&)>& change) {
  auto& kept = store.sessions.begin()->second.back();
  ClientSession copy;
  copy.version = kept->version;
  copy.suite = kept->suite;
  copy.secret = kept->secret.clone();
  copy.ticket = kept->ticket;
  copy.session_id = kept->session_id;
  copy.lifetime = kept->lifetime;
  copy.received = kept->received;
  copy.extended_master_secret = kept->extended_master_secret;
  copy.alpn = kept->alpn;
  copy.peer_chain = kept->peer_chain;
  change(copy);
  kept = std::make_shared<const ClientSession>(std::move(copy));
}

/// Changes what the server's cache keeps.
void change_cache(PlainSessionCache& cache, const std::function<void(ServerSession&)>& change) {
  for (auto& entry : cache.sessions) {
    ServerSession session = *ServerSession::decode(entry.second);
    change(session);
    entry.second = to_vector(session.encode().reveal());
  }
}

// RFC 5077 §3.4: a ticket that the server does not know leads to a full handshake, and to a new ticket.
TEST(Tls12Tickets, AlteredTicketLeadsToAFullHandshake) {
  const Resumable configs(Resumable::By::ticket);
  exchange(configs.client, configs.server)->run();
  change_session(*configs.store, [](ClientSession& s) { s.ticket.back() ^= 1; });
  auto e = exchange(configs.client, configs.server);
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.kind, HandshakeKind::full);
  EXPECT_EQ(e->count(Toward::client, HandshakeType::new_session_ticket), 1u);
}

TEST(Tls12Tickets, UnknownSessionIdLeadsToAFullHandshake) {
  const Resumable configs(Resumable::By::session_id);
  exchange(configs.client, configs.server)->run();
  configs.cache->sessions.clear();
  auto e = exchange(configs.client, configs.server);
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.kind, HandshakeKind::full);
  EXPECT_EQ(configs.cache->sessions.size(), 1u);
}

// RFC 5077 §3.3: an empty ticket means none; where there is no session id either, nothing is remembered.
TEST(Tls12Tickets, EmptyTicketIsNoSession) {
  struct Unwilling : TicketSealer {
    std::vector<uint8_t> seal(Bytes, Time) const override { return {}; }
    std::optional<SecretBytes> open(Bytes, Time) const override { return std::nullopt; }
  };
  const auto store = std::make_shared<PlainSessionStore>();
  ClientOptions client = client12();
  client.sessions = store;
  ServerOptions server = server12();
  server.tickets = std::make_shared<Unwilling>();
  auto e = exchange(client, server);
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->count(Toward::client, HandshakeType::new_session_ticket), 1u);
  EXPECT_TRUE(std::ranges::all_of(store->sessions, [](const auto& entry) { return entry.second.empty(); }));
}

// RFC 5246 §F.1.4: a day, where the server says nothing: with session ids it never does.
TEST(Tls12Sessions, LifetimeIsADayWhereNoneIsSaid) {
  const Resumable configs(Resumable::By::session_id);
  exchange(configs.client, configs.server)->run();
  EXPECT_EQ(configs.store->sessions.begin()->second.back()->lifetime, Seconds{24 * 3600});
}

TEST(Tls12Tickets, LifetimeIsTheServers) {
  const Resumable configs(Resumable::By::ticket);
  exchange(configs.client, configs.server)->run();
  EXPECT_EQ(configs.store->sessions.begin()->second.back()->lifetime,
            configs.server->options().ticket_lifetime);
}

// RFC 7627 §5.3: a session without the extension is not resumed by a client that has it now; the server goes
// on in full.
TEST(Tls12Sessions, SessionWithoutExtendedMasterSecretIsNotResumedWithIt) {
  const Resumable configs(Resumable::By::session_id);
  exchange(configs.client, configs.server)->run();
  change_cache(*configs.cache, [](ServerSession& session) { session.extended_master_secret = false; });
  auto e = exchange(configs.client, configs.server);
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.kind, HandshakeKind::full);
}

TEST(Tls12Sessions, NotForAnotherName) {  // RFC 6066 §3
  const Resumable configs(Resumable::By::session_id);
  exchange(configs.client, configs.server)->run();
  change_cache(*configs.cache, [](ServerSession& session) { session.server_name = "elsewhere"; });
  auto e = exchange(configs.client, configs.server);
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.kind, HandshakeKind::full);
}

TEST(Tls12Sessions, NotUnderASuiteThatTheClientDoesNotOffer) {  // RFC 5246 §7.4.1.2
  const Resumable configs(Resumable::By::session_id);
  ClientOptions options = client12();
  options.sessions = configs.store;
  options.common.cipher_suites = {CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256};
  const auto client = make_client_config(options).value();
  exchange(client, configs.server)->run();
  change_cache(*configs.cache, [](ServerSession& session) {
    session.suite = CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384;
  });
  auto e = exchange(client, configs.server);
  e->run();
  expect_agreement(*e);
  EXPECT_EQ(e->client_info.kind, HandshakeKind::full);
}

// ------------------------------------------------------------------------------- operations from outside

/// Answers all operations of a side that has any, the last first.
bool answer_backwards(HandshakeCore& core, const Services& services, Time now, std::optional<Error>& error) {
  std::vector<Operation> asked;
  while (auto operation = core.take_operation()) asked.push_back(*std::move(operation));
  std::ranges::reverse(asked);
  for (const Operation& operation : asked)
    if (auto done = core.complete(operation.id, perform(operation, services), now); !done && !error)
      error = done.error();
  return !asked.empty();
}

TEST(Tls12Operations, AnsweredLateAndBackwards) {
  const auto store = std::make_shared<PlainSessionStore>();
  ClientOptions client = client12();
  client.common.external_operations = OperationSet::all();
  client.identity = identity("client");
  client.sessions = store;
  ServerOptions server = server12();
  server.common.external_operations = OperationSet::all();
  server.client_auth = ClientAuth::required;
  server.client_roots = roots();
  server.tickets = RotatingTickets::fresh();
  const auto client_config = make_client_config(client).value();
  const auto server_config = make_server_config(server).value();
  for (int round = 0; round < 2; ++round) {
    auto e = exchange(client_config, server_config);
    for (bool answered = true; answered;) {
      e->run();
      const bool client_answered =
          answer_backwards(*e->client, client_config->services(), e->now, e->client_error);
      answered =
          answer_backwards(*e->server, server_config->services(), e->now, e->server_error) || client_answered;
    }
    expect_agreement(*e);
    EXPECT_EQ(e->client_info.kind, round ? HandshakeKind::resumed : HandshakeKind::full);
  }
}

// Nothing of ours leaves before both proofs are there: not even the key exchange.
TEST(Tls12Operations, NothingIsSentBeforeTheProofs) {
  for (const OperationKind late : {OperationKind::verify_chain, OperationKind::verify_signature}) {
    ClientOptions client = client12();
    client.common.external_operations = {late};
    auto e = exchange(client, server12());
    e->run();
    EXPECT_FALSE(e->client_error || e->server_error) << e->errors();
    EXPECT_TRUE(e->client->awaits_answer());
    EXPECT_EQ(e->to_server.size(), 1u) << "the ClientHello alone";
    EXPECT_TRUE(answer_backwards(*e->client, e->client_config->services(), e->now, e->client_error));
    e->run();
    expect_agreement(*e);
  }
}

}  // namespace
}  // namespace bulla::test
