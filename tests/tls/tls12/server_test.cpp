// What a TLS 1.2 server refuses. Each test alters one thing on the way from a sound client.
#include "tls/tls12/exchange.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace bulla::tls;

constexpr uint8_t some_bytes[] = {1, 2, 3, 4};

std::optional<Error> failure(Wire wire, ClientOptions client = client12(),
                             ServerOptions server = server12()) {
  auto e = exchange(std::move(client), std::move(server));
  e->wire = std::move(wire);
  e->run();
  EXPECT_FALSE(e->server->connected());
  return e->server_error;
}

ErrorCode verdict(Wire wire, ClientOptions client = client12(), ServerOptions server = server12()) {
  const auto error = failure(std::move(wire), std::move(client), std::move(server));
  return error ? error->code : ErrorCode::internal;
}

ErrorCode after_hello(std::function<void(ClientHello&)> change, ServerOptions server = server12()) {
  return verdict(altering<ClientHello>(std::move(change)), client12(), std::move(server));
}

// ------------------------------------------------------------------------------------------- ClientHello

TEST(Tls12Server, InsistsOnNullCompression) {  // RFC 5246 §7.4.1.2
  static constexpr uint8_t deflate[] = {1}, both[] = {1, 0};
  EXPECT_EQ(after_hello([](ClientHello& m) { m.compression_methods = deflate; }),
            ErrorCode::no_null_compression);
  // Others beside it are allowed in 1.2; only the transcript is another one now.
  EXPECT_EQ(after_hello([](ClientHello& m) { m.compression_methods = both; }), ErrorCode::finished_mismatch);
}

TEST(Tls12Server, RefusesRenegotiationInfoWithContent) {  // RFC 5746 §3.6
  EXPECT_EQ(after_hello([](ClientHello& m) { m.renegotiation_info = some_bytes; }),
            ErrorCode::bad_renegotiation_info);
}

TEST(Tls12Server, AnswersTheRenegotiationScsv) {  // RFC 5746 §3.3, §3.6
  static constexpr uint8_t suites[] = {0xc0, 0x2b, 0x00, 0xff};
  for (const bool scsv : {true, false}) {
    std::optional<bool> answered;
    auto e = exchange(client12(), server12());
    const Wire ch = altering<ClientHello>([&](ClientHello& m) {
      m.renegotiation_info.reset();
      if (scsv) m.cipher_suites = U16List<CipherSuite>(suites);
    });
    const Wire sh =
        altering<ServerHello12>([&](ServerHello12& m) { answered = m.renegotiation_info.has_value(); });
    e->wire = [&](Toward toward, Letter letter) {
      return toward == Toward::server ? ch(toward, letter) : sh(toward, letter);
    };
    e->run();
    EXPECT_EQ(answered, scsv);
  }
}

TEST(Tls12Server, RefusesPointFormatsWithoutUncompressed) {  // RFC 8422 §5.1.2
  static constexpr uint8_t compressed[] = {1}, odd[] = {42, 0, 99};
  EXPECT_EQ(after_hello([](ClientHello& m) { m.ec_point_formats = compressed; }),
            ErrorCode::missing_uncompressed_point_format);
  EXPECT_EQ(after_hello([](ClientHello& m) { m.ec_point_formats = odd; }), ErrorCode::finished_mismatch);
}

TEST(Tls12Server, InsistsOnExtendedMasterSecretIfTold) {  // RFC 7627 §5.2
  ServerOptions server = server12();
  server.common.extended_master_secret = ExtendedMasterSecret::required;
  EXPECT_EQ(after_hello([](ClientHello& m) { m.extended_master_secret = false; }, server),
            ErrorCode::extended_master_secret_required);
}

TEST(Tls12Server, NeedsSomethingInCommon) {  // RFC 8422 §4, RFC 5246 §7.4.1.4.1
  static constexpr uint8_t p521[] = {0, 0x19}, rsa_scheme[] = {4, 1}, sha1[] = {2, 3},
                           suites[] = {0xc0, 0x2f};
  EXPECT_EQ(after_hello([](ClientHello& m) { m.cipher_suites = U16List<CipherSuite>(suites); }),
            ErrorCode::no_common_cipher_suite)
      << "an RSA suite, an ECDSA key";
  EXPECT_EQ(after_hello([](ClientHello& m) { m.supported_groups = U16List<NamedGroup>(p521); }),
            ErrorCode::no_common_group);
  EXPECT_EQ(after_hello([](ClientHello& m) { m.supported_groups.reset(); }), ErrorCode::no_common_group);
  for (const Bytes list : {Bytes(rsa_scheme), Bytes(sha1)})
    EXPECT_EQ(after_hello([&](ClientHello& m) { m.signature_algorithms = U16List<SignatureScheme>(list); }),
              ErrorCode::no_common_signature_scheme);
  // RFC 5246 §7.4.1.4.1: absent means SHA-1.
  EXPECT_EQ(after_hello([](ClientHello& m) { m.signature_algorithms.reset(); }),
            ErrorCode::no_common_signature_scheme);
  ServerOptions server = server12();
  server.common.alpn = {"h2"};
  static const std::vector<Bytes> other = {as_bytes("h3")};
  EXPECT_EQ(after_hello([](ClientHello& m) { m.alpn = other; }, server), ErrorCode::no_common_alpn);
  server = server12();
  server.identity = nullptr;
  server.select_identity = [](const SelectIdentity&) { return IdentityPtr(); };
  EXPECT_EQ(after_hello([](ClientHello&) {}, server), ErrorCode::no_application_identity);
}

// RFC 8422 §5.10: the hybrid groups are not for 1.2.
TEST(Tls12Server, DoesNotChooseAHybridGroup) {
  static constexpr uint8_t hybrid[] = {0x11, 0xec};
  EXPECT_EQ(after_hello([](ClientHello& m) { m.supported_groups = U16List<NamedGroup>(hybrid); }),
            ErrorCode::no_common_group);
}

TEST(Tls12Server, SelectsByNameAndAbility) {
  std::optional<SelectIdentity> asked;
  ServerOptions server = server12();
  server.identity = nullptr;
  server.select_identity = [&](const SelectIdentity& request) {
    asked = request;
    return identity("rsa");
  };
  auto e = exchange(client12(), server);
  e->run();
  ASSERT_TRUE(e->done()) << e->errors();
  ASSERT_TRUE(asked);
  EXPECT_TRUE(asked->server);
  EXPECT_EQ(asked->server_name, "localhost");
  EXPECT_FALSE(asked->schemes.empty() || asked->cipher_suites.empty());
}

// RFC 7627 §5.3: a session with the extension is not resumed without it, and nothing else may follow either.
TEST(Tls12Server, RefusesAResumptionThatLostExtendedMasterSecret) {
  ClientOptions client = client12();
  client.sessions = std::make_shared<PlainSessionStore>();
  ServerOptions server = server12();
  server.session_cache = std::make_shared<PlainSessionCache>();
  const auto client_config = make_client_config(client).value();
  const auto server_config = make_server_config(server).value();
  exchange(client_config, server_config)->run();
  auto e = exchange(client_config, server_config);
  e->wire = altering<ClientHello>([](ClientHello& m) { m.extended_master_secret = false; });
  e->run();
  EXPECT_EQ(e->server_code(), ErrorCode::extended_master_secret_changed);
}

// ------------------------------------------------------------------------------------- ClientKeyExchange

TEST(Tls12Server, RefusesPoints) {  // RFC 8422 §5.7, §5.11
  std::vector<uint8_t> point;
  const auto send = [&](NamedGroup group, std::vector<uint8_t> bytes) {
    point = std::move(bytes);
    ClientOptions client = client12();
    client.common.groups = {group};
    return verdict(altering<ClientKeyExchange>([&](ClientKeyExchange& m) { m.point = point; }), client);
  };
  std::vector<uint8_t> off_curve(65, 0x11);
  off_curve[0] = 4;
  EXPECT_EQ(send(NamedGroup::secp256r1, off_curve), ErrorCode::bad_key_share);
  EXPECT_EQ(send(NamedGroup::secp256r1, {4}), ErrorCode::bad_key_share);
  EXPECT_EQ(send(NamedGroup::secp256r1, std::vector<uint8_t>(33, 2)), ErrorCode::bad_key_share);
  EXPECT_EQ(send(NamedGroup::x25519, std::vector<uint8_t>(33, 9)), ErrorCode::bad_key_share);
  EXPECT_EQ(send(NamedGroup::x25519, std::vector<uint8_t>(32, 0)), ErrorCode::bad_key_share);
}

// ------------------------------------------------------------------------------------ client certificates

struct Mutual {
  ClientOptions client = client12();
  ServerOptions server = server12();
  explicit Mutual(ClientAuth auth = ClientAuth::required) {
    client.identity = identity("client");
    server.client_auth = auth;
    server.client_roots = roots();
  }
};

// RFC 5246 §7.4.6: handshake_failure; certificate_required came with TLS 1.3.
TEST(Tls12Server, RefusesAClientWithoutTheRequiredCertificate) {
  Mutual options;
  options.client.identity = nullptr;
  const auto error = failure({}, options.client, options.server);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::client_certificate_required);
  EXPECT_EQ(error->alert_to_send(), AlertDescription::handshake_failure);
}

Wire toward_server(Wire wire) {
  return [wire](Toward toward, Letter letter) {
    return toward == Toward::server ? wire(toward, std::move(letter))
                                    : std::vector<Letter>{std::move(letter)};
  };
}

TEST(Tls12Server, RefusesClientCertificates) {
  for (const ClientAuth auth : {ClientAuth::optional, ClientAuth::required}) {
    Mutual options(auth);
    options.server.client_roots = roots("other-ca");
    EXPECT_EQ(verdict({}, options.client, options.server), ErrorCode::certificate_unknown_issuer);
    options = Mutual(auth);
    EXPECT_EQ(
        verdict(toward_server(altering<Certificate12>([](Certificate12& m) { m.entries[0] = some_bytes; })),
                options.client, options.server),
        ErrorCode::certificate_malformed);
  }
}

// RFC 5246 §7.4.8: over all messages, with a scheme of the request, by the key of the certificate.
TEST(Tls12Server, RefusesCertificateVerify) {
  Mutual options;
  std::vector<uint8_t> altered;
  const auto change = [&](std::function<void(CertificateVerify&)> f) {
    return verdict(altering<CertificateVerify>(std::move(f)), options.client, options.server);
  };
  EXPECT_EQ(change([&](CertificateVerify& m) {
              altered = to_vector(m.signature);
              altered.back() ^= 1;
              m.signature = altered;
            }),
            ErrorCode::bad_handshake_signature);
  EXPECT_EQ(change([](CertificateVerify& m) { m.signature = {}; }), ErrorCode::bad_handshake_signature);
  for (const SignatureScheme scheme :
       {SignatureScheme::ecdsa_sha1, SignatureScheme::rsa_pss_rsae_sha256, SignatureScheme{0x0999}})
    EXPECT_EQ(change([&](CertificateVerify& m) { m.algorithm = scheme; }),
              ErrorCode::signature_scheme_not_offered);
}

TEST(Tls12Server, RefusesACertificateVerifyOverAnotherHandshake) {
  Mutual options;
  // A suite more in the ClientHello: both sides go on, but they sign and verify different messages.
  static std::vector<uint8_t> suites;
  EXPECT_EQ(verdict(altering<ClientHello>([](ClientHello& m) {
                      suites = to_vector(m.cipher_suites.raw());
                      suites.insert(suites.end(), {0x13, 0x37});
                      m.cipher_suites = U16List<CipherSuite>(suites);
                    }),
                    options.client, options.server),
            ErrorCode::bad_handshake_signature);
}

TEST(Tls12Server, RefusesACertificateThatWasNotAsked) {
  const Certificate12 message{{identity("client")->leaf().der()}};
  EXPECT_EQ(verdict(inserting(HandshakeType::client_key_exchange, encode_message(message))),
            ErrorCode::unexpected_message);
  EXPECT_EQ(verdict(inserting(HandshakeType::finished,
                              encode_message(CertificateVerify{SignatureScheme::ed25519, some_bytes}))),
            ErrorCode::unexpected_message);
}

// ---------------------------------------------------------------------------------------- Finished, order

TEST(Tls12Server, RefusesFinished) {  // RFC 5246 §7.4.9
  using Body = std::vector<uint8_t>;
  const auto change = [](std::function<void(Body&)> f) {
    return verdict(toward_server(altering_bytes(HandshakeType::finished, std::move(f))));
  };
  EXPECT_EQ(change([](Body& b) { b[0] ^= 1; }), ErrorCode::finished_mismatch);
  EXPECT_EQ(change([](Body& b) { b.pop_back(); }), ErrorCode::finished_mismatch);
  EXPECT_EQ(change([](Body& b) { b.push_back(0); }), ErrorCode::finished_mismatch);
}

bool is_out_of_order(ErrorCode code) {
  return code == ErrorCode::unexpected_message || code == ErrorCode::unexpected_change_cipher_spec;
}

// ClientHello, Certificate, ClientKeyExchange, CertificateVerify, change_cipher_spec, Finished.
TEST(Tls12Server, RefusesEveryOmission) {
  for (size_t n = 0; n < 5; ++n) {
    const Mutual options;
    auto e = exchange(options.client, options.server);
    e->wire = dropping(Toward::server, n);
    e->run();
    EXPECT_FALSE(e->server->connected()) << n;
    if (n == 0) continue;  // nobody said anything
    EXPECT_TRUE(is_out_of_order(e->server_code())) << n << ": " << e->errors();
  }
}

TEST(Tls12Server, RefusesEveryRepetition) {
  for (size_t n = 0; n < 5; ++n) {
    const Mutual options;
    auto e = exchange(options.client, options.server);
    e->wire = doubling(Toward::server, n);
    e->run();
    EXPECT_FALSE(e->server->connected()) << n;
    EXPECT_TRUE(is_out_of_order(e->server_code())) << n << ": " << e->errors();
  }
}

}  // namespace
}  // namespace bulla::test
