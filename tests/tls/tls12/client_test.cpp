// What a TLS 1.2 client refuses. Each test alters one thing on the way from a sound server.
#include "tls/tls12/exchange.h"

#include "tls/session_state.h"
#include "tls/tls12/key_exchange.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace bulla::tls;

constexpr uint8_t some_bytes[] = {1, 2, 3, 4};
constexpr uint8_t compressed_only[] = {1, 2};

/// The client's verdict on a handshake over `wire`.
ErrorCode verdict(Wire wire, ClientOptions client = client12(), ServerOptions server = server12()) {
  auto e = exchange(std::move(client), std::move(server));
  e->wire = std::move(wire);
  e->run();
  EXPECT_FALSE(e->client && e->client->connected());
  return e->client_code();
}

ErrorCode after_hello(std::function<void(ServerHello12&)> change, ClientOptions client = client12()) {
  return verdict(altering<ServerHello12>(std::move(change)), std::move(client));
}

// ------------------------------------------------------------------------------------------- ServerHello

// RFC 5246 §7.4.1.3: one of the suites of the ClientHello, and one of this version.
TEST(Tls12Client, RefusesSuites) {
  for (const CipherSuite suite :
       {CipherSuite{0x002f}, CipherSuite::aes_128_gcm_sha256, CipherSuite::null_with_null_null})
    EXPECT_EQ(after_hello([&](ServerHello12& m) { m.cipher_suite = suite; }),
              ErrorCode::wrong_cipher_returned);
  ClientOptions client = client12();
  client.common.cipher_suites = {CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256};
  EXPECT_EQ(
      after_hello([](ServerHello12& m) { m.cipher_suite = CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384; },
                  client),
      ErrorCode::wrong_cipher_returned);
}

TEST(Tls12Client, RefusesCompression) {
  EXPECT_EQ(after_hello([](ServerHello12& m) { m.compression_method = 1; }), ErrorCode::compression_selected);
}

// RFC 5246 §7.4.1.4: an extension that was not asked for.
TEST(Tls12Client, RefusesUnsolicitedExtensions) {
  EXPECT_EQ(after_hello([](ServerHello12& m) { m.status_request_ack = true; }),
            ErrorCode::unsolicited_extension);
  EXPECT_EQ(after_hello([](ServerHello12& m) { m.session_ticket_ack = true; }),
            ErrorCode::unsolicited_extension);
  EXPECT_EQ(after_hello([](ServerHello12& m) { m.alpn = as_bytes("h2"); }), ErrorCode::unsolicited_extension);
  EXPECT_EQ(after_hello([](ServerHello12& m) { m.extensions.push_back({ExtensionType{0xfafa}, {}}); }),
            ErrorCode::unsolicited_extension);
}

TEST(Tls12Client, RefusesRenegotiationInfoWithContent) {  // RFC 5746 §3.4
  EXPECT_EQ(after_hello([](ServerHello12& m) { m.renegotiation_info = some_bytes; }),
            ErrorCode::bad_renegotiation_info);
}

TEST(Tls12Client, RefusesPointFormatsWithoutUncompressed) {  // RFC 8422 §5.1.2
  EXPECT_EQ(after_hello([](ServerHello12& m) { m.ec_point_formats = compressed_only; }),
            ErrorCode::missing_uncompressed_point_format);
}

TEST(Tls12Client, InsistsOnExtendedMasterSecretIfTold) {  // RFC 7627 §5.2
  ClientOptions client = client12();
  client.common.extended_master_secret = ExtendedMasterSecret::required;
  const auto without = [](ServerHello12& m) { m.extended_master_secret = false; };
  EXPECT_EQ(after_hello(without, client), ErrorCode::extended_master_secret_required);
}

TEST(Tls12Client, RefusesAlpnThatWasNotOffered) {  // RFC 7301 §3.1
  ClientOptions client = client12();
  client.common.alpn = {"h2"};
  EXPECT_EQ(after_hello([](ServerHello12& m) { m.alpn = as_bytes("h3"); }, client),
            ErrorCode::alpn_not_offered);
}

// RFC 9846 §4.2.3: the session id of middlebox compatibility names no session.
TEST(Tls12Client, RefusesTheEchoOfAnIdThatNamesNoSession) {
  ClientOptions client = client12();
  client.common.versions = {};
  auto e = exchange(client, server12());
  std::vector<uint8_t> id;
  const Wire see = altering<ClientHello>([&](ClientHello& m) { id = to_vector(m.session_id); });
  const Wire echo = altering<ServerHello12>([&](ServerHello12& m) { m.session_id = id; });
  e->wire = [&](Toward toward, Letter letter) {
    return toward == Toward::server ? see(toward, letter) : echo(toward, letter);
  };
  e->run();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(e->client_code(), ErrorCode::wrong_session_id_echo) << e->errors();
}

// RFC 9846 §4.2.3.
TEST(Tls12Client, RefusesTheDowngradeSentinelAfterOffering13) {
  ClientOptions client = client12();
  client.common.versions = {};
  auto e = exchange(client, server12());
  std::vector<uint8_t> random;
  e->wire = altering<ServerHello12>([&](ServerHello12& m) {
    random = to_vector(m.random);
    const auto sentinel = as_bytes("DOWNGRD\x01");
    std::copy(sentinel.begin(), sentinel.end(), random.end() - 8);
    m.random = random;
  });
  e->run();
  EXPECT_EQ(e->client_code(), ErrorCode::downgrade_detected);
}

// -------------------------------------------------------------------------------------------- resumption

struct Resumed {
  std::shared_ptr<PlainSessionStore> store = std::make_shared<PlainSessionStore>();
  std::shared_ptr<PlainSessionCache> cache = std::make_shared<PlainSessionCache>();
  ClientConfigPtr client;
  ServerConfigPtr server;
  Resumed() {
    ClientOptions c = client12();
    c.sessions = store;
    client = make_client_config(c).value();
    ServerOptions s = server12();
    s.session_cache = cache;
    server = make_server_config(s).value();
    exchange(client, server)->run();
  }
  ErrorCode verdict(Wire wire) const {
    auto e = exchange(client, server);
    e->wire = std::move(wire);
    e->run();
    return e->client_code();
  }
};

TEST(Tls12Client, RefusesAnotherSuiteInAResumption) {  // RFC 5246 §7.4.1.3
  EXPECT_EQ(Resumed().verdict(altering<ServerHello12>(
                [](ServerHello12& m) { m.cipher_suite = CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384; })),
            ErrorCode::resumption_mismatch);
}

// RFC 7627 §5.3: gone, or come.
TEST(Tls12Client, RefusesAChangeOfExtendedMasterSecretInAResumption) {
  EXPECT_EQ(
      Resumed().verdict(altering<ServerHello12>([](ServerHello12& m) { m.extended_master_secret = false; })),
      ErrorCode::extended_master_secret_changed);
  const Resumed configs;
  auto& kept = configs.store->sessions.begin()->second.back();
  ClientSession copy;
  copy.version = kept->version;
  copy.suite = kept->suite;
  copy.secret = kept->secret.clone();
  copy.session_id = kept->session_id;
  copy.lifetime = kept->lifetime;
  copy.received = kept->received;
  copy.extended_master_secret = false;
  kept = std::make_shared<const ClientSession>(std::move(copy));
  EXPECT_EQ(configs.verdict({}), ErrorCode::extended_master_secret_changed);
}

TEST(Tls12Client, RefusesAResumptionUnderAnotherSecret) {
  const Resumed configs;
  auto& [id, state] = *configs.cache->sessions.begin();
  ServerSession session = *ServerSession::decode(state);
  session.secret.writable()[0] ^= 1;
  state = to_vector(session.encode().reveal());
  EXPECT_EQ(configs.verdict({}), ErrorCode::finished_mismatch);
}

// -------------------------------------------------------------------------------- Certificate,
// CertificateStatus

TEST(Tls12Client, RefusesCertificates) {
  EXPECT_EQ(verdict(altering<Certificate12>([](Certificate12& m) { m.entries.clear(); })),
            ErrorCode::empty_certificate_list);
  EXPECT_EQ(verdict(altering<Certificate12>([](Certificate12& m) { m.entries[0] = some_bytes; })),
            ErrorCode::certificate_malformed);
}

// RFC 5246 §7.4.2, RFC 8422 §5.3: an RSA suite with an ECDSA certificate, and the other way round.
TEST(Tls12Client, RefusesACertificateThatDoesNotFitTheSuite) {
  const IdentityPtr rsa = identity("rsa"), ec = identity("p256");
  EXPECT_EQ(verdict(altering<Certificate12>([&](Certificate12& m) { m.entries = {rsa->leaf().der()}; })),
            ErrorCode::wrong_cipher_returned);
  EXPECT_EQ(verdict(altering<Certificate12>([&](Certificate12& m) { m.entries = {ec->leaf().der()}; }),
                    client12(), server12("rsa")),
            ErrorCode::wrong_cipher_returned);
}

TEST(Tls12Client, RefusesAnUntrustedChain) {
  ClientOptions client = client12();
  client.roots = roots("other-ca");
  auto e = exchange(client, server12());
  e->run();
  EXPECT_EQ(e->client_code(), ErrorCode::certificate_unknown_issuer);
  EXPECT_EQ(e->to_server.size(), 1u);
}

TEST(Tls12Client, RefusesACertificateStatusThatWasNotAsked) {
  EXPECT_EQ(
      verdict(inserting(HandshakeType::server_key_exchange, encode_message(CertificateStatus{some_bytes}))),
      ErrorCode::unexpected_message);
}

// -------------------------------------------------------------------------------------- ServerKeyExchange

ErrorCode after_key_exchange(std::function<void(ServerKeyExchange&)> change,
                             ClientOptions client = client12()) {
  return verdict(altering<ServerKeyExchange>(std::move(change)), std::move(client));
}

// RFC 8422 §5.4: a group that was offered, and one of TLS 1.2.
TEST(Tls12Client, RefusesGroups) {
  for (const NamedGroup group : {NamedGroup{0x0100}, NamedGroup::x25519mlkem768, NamedGroup::secp521r1})
    EXPECT_EQ(after_key_exchange([&](ServerKeyExchange& m) { m.group = group; }), ErrorCode::wrong_group);
}

// RFC 5246 §7.4.3: a scheme that was offered and that fits the certificate's key.
TEST(Tls12Client, RefusesSchemes) {
  for (const SignatureScheme scheme : {SignatureScheme::ecdsa_sha1, SignatureScheme::rsa_pkcs1_sha256,
                                       SignatureScheme::ed25519, SignatureScheme{0x0999}})
    EXPECT_EQ(after_key_exchange([&](ServerKeyExchange& m) { m.algorithm = scheme; }),
              ErrorCode::signature_scheme_not_offered);
  ClientOptions client = client12();
  client.common.signature_schemes = {SignatureScheme::ecdsa_secp384r1_sha384};
  EXPECT_EQ(after_key_exchange(
                [](ServerKeyExchange& m) { m.algorithm = SignatureScheme::ecdsa_secp256r1_sha256; }, client),
            ErrorCode::signature_scheme_not_offered);
}

// RFC 5246 §7.4.3: the signature covers both randoms, the group and the point.
TEST(Tls12Client, RefusesWhatIsNotSigned) {
  std::vector<uint8_t> altered;
  const auto flip = [&](Bytes& field) {
    altered = to_vector(field);
    altered.back() ^= 1;
    field = altered;
  };
  EXPECT_EQ(after_key_exchange([&](ServerKeyExchange& m) { flip(m.point); }),
            ErrorCode::bad_handshake_signature);
  EXPECT_EQ(after_key_exchange([&](ServerKeyExchange& m) { flip(m.signature); }),
            ErrorCode::bad_handshake_signature);
  EXPECT_EQ(after_key_exchange([&](ServerKeyExchange& m) { m.signature = {}; }),
            ErrorCode::bad_handshake_signature);
  EXPECT_EQ(after_hello([&](ServerHello12& m) { flip(m.random); }), ErrorCode::bad_handshake_signature);
}

/// A ServerKeyExchange with any group and point, signed by the true key.
Wire signed_again(NamedGroup group, std::vector<uint8_t> point) {
  struct Hellos {
    std::vector<uint8_t> client, server, message, signature;
  };
  auto seen = std::make_shared<Hellos>();
  const Wire ch = altering<ClientHello>([seen](ClientHello& m) { seen->client = to_vector(m.random); });
  const Wire sh = altering<ServerHello12>([seen](ServerHello12& m) { seen->server = to_vector(m.random); });
  const Wire ske = altering<ServerKeyExchange>([=](ServerKeyExchange& m) {
    m.group = group;
    m.point = point;
    seen->message = tls12::signed_params({seen->client, seen->server}, m.encode_params());
    SignJob job{SignatureAlgorithm::ecdsa_sha256, seen->message};
    identity("p256")->key().sign(*default_provider().random, {&job, 1});
    seen->signature = job.signature;
    m.signature = seen->signature;
  });
  return [=](Toward toward, Letter letter) {
    if (letter.is(HandshakeType::client_hello)) return ch(toward, letter);
    if (letter.is(HandshakeType::server_hello)) return sh(toward, letter);
    return ske(toward, letter);
  };
}

// RFC 8422 §5.4.1, §5.11: points that are none.
TEST(Tls12Client, RefusesPoints) {
  std::vector<uint8_t> off_curve(65, 0x11);
  off_curve[0] = 4;
  EXPECT_EQ(verdict(signed_again(NamedGroup::secp256r1, off_curve)), ErrorCode::bad_key_share);
  EXPECT_EQ(verdict(signed_again(NamedGroup::secp256r1, {4, 1, 2})), ErrorCode::bad_key_share);
  EXPECT_EQ(verdict(signed_again(NamedGroup::x25519, std::vector<uint8_t>(31, 9))), ErrorCode::bad_key_share);
  EXPECT_EQ(verdict(signed_again(NamedGroup::x25519, std::vector<uint8_t>(32, 0))), ErrorCode::bad_key_share);
}

// ----------------------------------------------------------------------------- NewSessionTicket, Finished

Wire toward_client(Wire wire) {
  return [wire](Toward toward, Letter letter) {
    return toward == Toward::client ? wire(toward, std::move(letter))
                                    : std::vector<Letter>{std::move(letter)};
  };
}

TEST(Tls12Client, RefusesTicketsThatWereNotPromisedAndPromisesThatWereNotKept) {  // RFC 5077 §3.3
  EXPECT_EQ(verdict(toward_client(
                inserting(HandshakeType::finished, encode_message(NewSessionTicket12{1, some_bytes})))),
            ErrorCode::unexpected_message);
  ClientOptions client = client12();
  client.sessions = std::make_shared<PlainSessionStore>();
  ServerOptions server = server12();
  server.tickets = RotatingTickets::fresh();
  EXPECT_EQ(verdict(dropping(Toward::client, 4), client, server), ErrorCode::unexpected_change_cipher_spec);
}

TEST(Tls12Client, RefusesFinished) {  // RFC 5246 §7.4.9
  using Body = std::vector<uint8_t>;
  const auto change = [](std::function<void(Body&)> f) {
    return verdict(toward_client(altering_bytes(HandshakeType::finished, std::move(f))));
  };
  EXPECT_EQ(change([](Body& b) { b[0] ^= 1; }), ErrorCode::finished_mismatch);
  EXPECT_EQ(change([](Body& b) { b.back() ^= 0x80; }), ErrorCode::finished_mismatch);
  EXPECT_EQ(change([](Body& b) { b.pop_back(); }), ErrorCode::finished_mismatch);
  EXPECT_EQ(change([](Body& b) { b.push_back(0); }), ErrorCode::finished_mismatch);
  EXPECT_EQ(change([](Body& b) { b.clear(); }), ErrorCode::finished_mismatch);
}

// ------------------------------------------------------------------------------------------------ order

// The whole flight, each letter once left out and once doubled. What is in its place, or comes again, has no
// handler. ServerHello, Certificate, CertificateStatus, ServerKeyExchange, CertificateRequest,
// ServerHelloDone, NewSessionTicket, change_cipher_spec, Finished.
std::unique_ptr<Exchange> longest_exchange() {
  ClientOptions client = client12();
  client.identity = identity("client");
  client.ocsp = OcspStapling::requested;
  client.sessions = std::make_shared<PlainSessionStore>();
  client.roots.reset();
  client.verifier = dangerous::accept_any_certificate("the OCSP response is made up");
  ServerOptions server = server12();
  server.identity = server.identity->with_ocsp_response({1});
  server.client_auth = ClientAuth::required;
  server.client_roots = roots();
  server.tickets = RotatingTickets::fresh();
  return exchange(client, server);
}

bool is_out_of_order(ErrorCode code) {
  return code == ErrorCode::unexpected_message || code == ErrorCode::unexpected_change_cipher_spec;
}

TEST(Tls12Client, RefusesEveryOmission) {
  for (size_t n = 0; n < 9; ++n) {
    auto e = longest_exchange();
    e->wire = dropping(Toward::client, n);
    e->run();
    EXPECT_FALSE(e->client->connected()) << n;
    // CertificateStatus and CertificateRequest may be absent; without ServerHelloDone or Finished the client
    // waits.
    if (n == 2 || n == 4 || n == 5 || n == 8) continue;
    EXPECT_TRUE(is_out_of_order(e->client_code())) << n << ": " << e->errors();
  }
}

TEST(Tls12Client, RefusesEveryRepetition) {
  for (size_t n = 0; n < 8; ++n) {
    auto e = longest_exchange();
    e->wire = doubling(Toward::client, n);
    e->run();
    EXPECT_FALSE(e->client->connected()) << n;
    EXPECT_TRUE(is_out_of_order(e->client_code())) << n << ": " << e->errors();
  }
}

// RFC 5246 §7.4.1.1 has a client ignore it here; it could be repeated for ever, so it is refused.
TEST(Tls12Client, RefusesHelloRequestDuringTheHandshake) {
  EXPECT_EQ(verdict(inserting(HandshakeType::certificate, encode_message(HelloRequest{}))),
            ErrorCode::unexpected_message);
}

}  // namespace
}  // namespace bulla::test
