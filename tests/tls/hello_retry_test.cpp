// HelloRetryRequest and its cookie, both roles: RFC 9846 §4.2.2, §4.2.4, §4.3.2, §4.3.8.
#include "tls/core_between.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace bulla::tls;

ServerOptions retrying(RetryCookie cookie = RetryCookie::none) {
  ServerOptions options = server_options();
  options.common.groups = {NamedGroup::secp384r1};
  options.retry_cookie = cookie;
  return options;
}

// RFC 9846 §4.3.2: "the client MUST copy the contents"; not used in the first hello of another connection.
TEST(Cookie, IsGivenBackAsItCame) {
  Wire cookie;
  int hellos = 0;
  const auto watch = [&](Toward toward, Wire& message) {
    if (toward == Toward::client && type_of(message) == HandshakeType::server_hello) {
      const auto any = decode_server_hello(Bytes(message).subspan(4));
      if (const auto* retry = std::get_if<HelloRetryRequest>(&*any))
        cookie = bulla::to_vector(*retry->cookie);
    }
    if (toward != Toward::server || type_of(message) != HandshakeType::client_hello) return;
    const ClientHello hello = ClientHello::decode(Bytes(message).subspan(4)).value();
    EXPECT_EQ(hello.cookie.has_value(), hellos++ % 2 == 1);
    if (hello.cookie) {
      EXPECT_EQ(bulla::to_vector(*hello.cookie), cookie);
    }
  };
  EXPECT_EQ(refusal(client_options(), retrying(RetryCookie::sent), watch), std::nullopt);
  EXPECT_EQ(cookie.size(), 32u);
  const Wire first = cookie;
  EXPECT_EQ(refusal(client_options(), retrying(RetryCookie::sent), watch), std::nullopt);
  EXPECT_NE(cookie, first);
}

// A HelloRetryRequest may ask for nothing but a cookie: the key shares stay.
TEST(Cookie, AloneItKeepsTheShares) {
  const Wire cookie(77, 3);
  std::vector<std::pair<NamedGroup, Wire>> shares[2];
  int hellos = 0;
  const auto watch = [&](Toward toward, Wire& message) {
    alter_retry([&](HelloRetryRequest& m) {
      m.selected_group.reset();
      m.cookie = cookie;
    })(toward, message);
    if (toward != Toward::server || type_of(message) != HandshakeType::client_hello || hellos > 1) return;
    const ClientHello hello = ClientHello::decode(Bytes(message).subspan(4)).value();
    for (const KeyShareEntry& share : *hello.key_share)
      shares[hellos].emplace_back(share.group, bulla::to_vector(share.key_exchange));
    if (hellos++ == 1) {
      EXPECT_EQ(bulla::to_vector(*hello.cookie), cookie);
    }
  };
  (void)refusal(client_options(), retrying(), watch);
  EXPECT_EQ(hellos, 2);
  EXPECT_EQ(shares[0], shares[1]);
}

TEST(Cookie, MissingWrongOrUnaskedForIsRefused) {
  static const Wire other(32, 7);
  const auto second = [](RetryCookie sent, std::function<void(ClientHello&)> change) {
    return refusal(client_options(), retrying(sent), alter_hello(2, std::move(change)));
  };
  EXPECT_EQ(second(RetryCookie::sent, [](ClientHello& h) { h.cookie.reset(); }), ErrorCode::bad_cookie);
  EXPECT_EQ(second(RetryCookie::sent, [](ClientHello& h) { h.cookie = other; }), ErrorCode::bad_cookie);
  EXPECT_EQ(second(RetryCookie::none, [](ClientHello& h) { h.cookie = other; }), ErrorCode::bad_cookie);
}

// RFC 9846 §4.2.2: what a second ClientHello may not change.
TEST(SecondHello, ChangesNothingElse) {
  static const Wire bytes(32, 9), suites = {0x13, 0x02}, groups = {0, 0x18}, schemes = {4, 3},
                                  versions = {3, 4, 3, 3, 3, 2}, modes = {0, 1};
  static const std::vector<Bytes> names = {as_bytes("other")};
  const std::pair<const char*, std::function<void(ClientHello&)>> changes[] = {
      {"random", [](ClientHello& h) { h.random = bytes; }},
      {"legacy_session_id", [](ClientHello& h) { h.session_id = bytes; }},
      {"cipher_suites", [](ClientHello& h) { h.cipher_suites = U16List<CipherSuite>(suites); }},
      {"server_name", [](ClientHello& h) { h.server_name = as_bytes("elsewhere"); }},
      {"server_name", [](ClientHello& h) { h.server_name.reset(); }},
      {"status_request", [](ClientHello& h) { h.status_request = !h.status_request; }},
      {"supported_groups", [](ClientHello& h) { h.supported_groups = U16List<NamedGroup>(groups); }},
      {"signature_algorithms",
       [](ClientHello& h) { h.signature_algorithms = U16List<SignatureScheme>(schemes); }},
      {"signature_algorithms_cert",
       [](ClientHello& h) { h.signature_algorithms_cert = U16List<SignatureScheme>(schemes); }},
      {"application_layer_protocol_negotiation", [](ClientHello& h) { h.alpn = names; }},
      {"supported_versions",
       [](ClientHello& h) { h.supported_versions = U16List<ProtocolVersion>(versions); }},
      {"psk_key_exchange_modes", [](ClientHello& h) { h.psk_modes = modes; }},
      {"certificate_authorities", [](ClientHello& h) { h.certificate_authorities = names; }},
      {"post_handshake_auth", [](ClientHello& h) { h.post_handshake_auth = true; }},
      {"extended_master_secret", [](ClientHello& h) { h.extended_master_secret = false; }},
      {"ec_point_formats", [](ClientHello& h) { h.ec_point_formats.reset(); }},
      {"renegotiation_info", [](ClientHello& h) { h.renegotiation_info.reset(); }},
      {"early_data after a HelloRetryRequest", [](ClientHello& h) { h.early_data = true; }},
      {"key_share is not one share of secp384r1", [](ClientHello& h) { h.key_share->clear(); }},
  };
  for (const auto& [name, change] : changes) {
    const auto error = refusal_of(client_options(), retrying(), alter_hello(2, change));
    ASSERT_TRUE(error) << name;
    EXPECT_EQ(error->code, ErrorCode::hello_changed_after_retry) << name;
    EXPECT_EQ(error->detail, name);
    EXPECT_EQ(error->alert_to_send(), AlertDescription::illegal_parameter);
  }
}

// RFC 9846 §4.2.2, RFC 7685 §4: padding may come, go and change; what we do not know is left alone.
TEST(SecondHello, MayChangePadding) {
  static const Wire zeros(100);
  const auto error =
      refusal_of(client_options(), retrying(),
                 alter_hello(2, [](ClientHello& h) { h.others.push_back({ExtensionType::padding, zeros}); }));
  ASSERT_TRUE(error);  // the transcripts differ, and nothing else was wrong with it
  EXPECT_EQ(error->code, ErrorCode::bad_handshake_signature);
}

// RFC 9846 §4.2.4: no second one, and suite, version and group stay what the first one said.
TEST(Retry, OnceAndBinding) {
  const auto changed = [](std::function<void(ServerHello&)> change) {
    return refusal(client_options(), retrying(), alter_server_hello(std::move(change)));
  };
  EXPECT_EQ(changed([](ServerHello& h) { h.cipher_suite = CipherSuite::aes_256_gcm_sha384; }),
            ErrorCode::wrong_cipher_returned);
  EXPECT_EQ(changed([](ServerHello& h) { h.selected_version = ProtocolVersion::tls12; }),
            ErrorCode::version_not_offered);
  EXPECT_EQ(changed([](ServerHello& h) { h.key_share->group = NamedGroup::x25519; }), ErrorCode::wrong_group);

  Wire retry;
  const auto again = [&](Toward toward, Wire& message) {
    if (toward != Toward::client || type_of(message) != HandshakeType::server_hello) return;
    if (retry.empty())
      retry = message;
    else
      message = retry;
  };
  EXPECT_EQ(refusal(client_options(), retrying(), again), ErrorCode::unexpected_message);
}

// RFC 9846 §4.3.8: a group that we listed, and sent no share of.
TEST(Retry, AsksForAGroupThatWeHave) {
  const auto asks_for = [](NamedGroup group) {
    return refusal(client_options(), retrying(),
                   alter_retry([group](HelloRetryRequest& m) { m.selected_group = group; }));
  };
  EXPECT_EQ(asks_for(NamedGroup::x25519), ErrorCode::unnecessary_hello_retry);
  EXPECT_EQ(asks_for(static_cast<NamedGroup>(0x0100)), ErrorCode::wrong_group);
}

}  // namespace
}  // namespace bulla::test
