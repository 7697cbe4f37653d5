// ServerHello and HelloRetryRequest, RFC 9846 §4.2.3 and §4.2.4; ServerHello of TLS 1.2, RFC 5246 §7.4.1.3.
#include "tls/msg/server_hello.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;
using enum ExtensionType;

const ByteVector retry_random(hello_retry_random.begin(), hello_retry_random.end());

ByteVector head(const ByteVector& random) {
  return joined({{3, 3}, random, {0}, from_hex("130100")});
}
ByteVector with(const ByteVector& random, const ByteVector& extensions) {
  return joined({head(random), prefixed(2, extensions)});
}
const ByteVector version_13 = extension(supported_versions, {3, 4});
ByteVector hello_13(const ByteVector& extensions) {
  return with(filled(32), joined({extensions, version_13}));
}
ByteVector hello_12(const ByteVector& extensions) {
  return with(filled(32), extensions);
}
ByteVector retry(const ByteVector& extensions) {
  return with(retry_random, extensions);
}

std::optional<ErrorCode> refused(const ByteVector& body) {
  return refusal(decode_server_hello(body));
}

/// decode_server_hello as one message type's decode.
template <class Message>
Result<Message> decode_as(Bytes body) {
  const auto any = decode_server_hello(body);
  if (!any) return any.error();
  if (const auto* message = std::get_if<Message>(&*any)) return *message;
  return Error{ErrorCode::internal, "another of the three"};
}

TEST(ServerHello, Section4_2_3_TheThreeAreToldApart) {
  EXPECT_TRUE(decode_as<ServerHello>(hello_13({})).ok());
  EXPECT_TRUE(decode_as<ServerHello12>(hello_12({})).ok());
  EXPECT_TRUE(decode_as<ServerHello12>(head(filled(32))).ok());
  EXPECT_TRUE(decode_as<HelloRetryRequest>(retry(version_13)).ok());
  EXPECT_TRUE(decode_as<HelloRetryRequest>(retry({})).ok());
  EXPECT_TRUE(decode_as<HelloRetryRequest>(head(retry_random)).ok());
}

TEST(ServerHello, Section4_2_3_OneBitOffIsNoHelloRetryRequest) {
  for (size_t i = 0; i < 32; ++i) {
    ByteVector random = retry_random;
    random[i] = static_cast<uint8_t>(random[i] ^ 1);
    const ByteVector body = with(random, version_13);
    EXPECT_TRUE(decode_as<ServerHello>(body).ok());
  }
}

TEST(ServerHello, Section4_2_3_TheSpecialRandom) {
  EXPECT_EQ(to_hex(hello_retry_random), "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");
}

TEST(ServerHello, Rfc8448_3_Decodes) {
  const ByteVector body = from_hex(
      "0303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d0020c98288"
      "76112095fe"
      "66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304");
  const auto hello = decode_as<ServerHello>(body);
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->legacy_version, ProtocolVersion::tls12);
  EXPECT_EQ(hello->selected_version, ProtocolVersion::tls13);
  EXPECT_EQ(hello->cipher_suite, CipherSuite::aes_128_gcm_sha256);
  EXPECT_EQ(hello->key_share->group, NamedGroup::x25519);
  EXPECT_EQ(hello->key_share->key_exchange.size(), 32u);
  EXPECT_FALSE(hello->selected_psk.has_value());
  EXPECT_EQ(hello->extensions.size(), 2u);
}

TEST(ServerHello, DecodeOfEncodeIsTheSame) {
  const ByteVector fields = joined({version_13, extension(key_share, from_hex("001d000155")),
                                    extension(pre_shared_key, from_hex("0003")), extension(0x1234, {9})});
  const ByteVector body = hello_12(fields);
  // Cut behind the fixed fields it is a whole ServerHello of TLS 1.2, so the type is asked for.
  check_codec(body, decode_as<ServerHello>);
  check_codec(joined({from_hex("0304"), filled(32), prefixed(1, filled(32)), from_hex("130207"),
                      prefixed(2, version_13)}),
              decode_as<ServerHello>);
}

TEST(ServerHello, Section4_3_MalformedBodiesAreDecodeErrors) {
  for (const auto& [type, hex] : {std::pair{key_share, ""},
                                  {key_share, "001d"},
                                  {key_share, "001d0000"},
                                  {key_share, "001d00015500"},
                                  {key_share, "0005001d000155"},
                                  {pre_shared_key, ""},
                                  {pre_shared_key, "00"},
                                  {pre_shared_key, "000000"}}) {
    const auto body = hello_13(extension(type, from_hex(hex)));
    const auto result = decode_server_hello(body);
    ASSERT_EQ(refusal(result), ErrorCode::decode_error) << hex;
    EXPECT_EQ(result.error().detail, name_of(type));
  }
  for (const char* hex : {"", "03", "030400", "020304"})
    EXPECT_EQ(refused(hello_12(extension(supported_versions, from_hex(hex)))), ErrorCode::decode_error)
        << hex;
}

TEST(ServerHello, Section4_2_3_FixedFieldsAreBounded) {
  EXPECT_EQ(refused({}), ErrorCode::decode_error);
  EXPECT_EQ(refused(joined({{3, 3}, filled(32), prefixed(1, filled(33)), from_hex("130100")})),
            ErrorCode::decode_error);
  EXPECT_EQ(refused(joined({hello_13({}), {0}})), ErrorCode::decode_error);
  EXPECT_EQ(refused(joined({head(filled(32)), {0}})), ErrorCode::decode_error);
}

TEST(ServerHello, Section4_3_WhatBelongsElsewhereIsMisplaced) {
  for (const ExtensionType type :
       {server_name, status_request, supported_groups, ec_point_formats, signature_algorithms,
        application_layer_protocol_negotiation, signed_certificate_timestamp, padding, extended_master_secret,
        session_ticket, early_data, cookie, psk_key_exchange_modes, certificate_authorities, oid_filters,
        post_handshake_auth, signature_algorithms_cert, renegotiation_info}) {
    const auto body = hello_13(extension(type));
    EXPECT_EQ(refused(body), ErrorCode::misplaced_extension) << name_of(type);
    EXPECT_EQ(alert(decode_server_hello(body)), AlertDescription::illegal_parameter);
  }
}

TEST(ServerHello, Section4_3_DuplicatesAreRefusedInAllThree) {
  EXPECT_EQ(refused(hello_13(version_13)), ErrorCode::duplicate_extension);
  EXPECT_EQ(refused(retry(joined({version_13, version_13}))), ErrorCode::duplicate_extension);
  EXPECT_EQ(refused(hello_12(joined({extension(extended_master_secret), extension(extended_master_secret)}))),
            ErrorCode::duplicate_extension);
}

TEST(ServerHello, Section4_3_UnknownExtensionsAreLeftToCheckSolicited) {
  const ExtensionType offered[] = {supported_versions};
  const ByteVector body = hello_13(extension(0x1234));
  const auto hello = decode_as<ServerHello>(body);
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(refusal(check_solicited(hello->extensions, offered, Carrier::sh)),
            ErrorCode::unsolicited_extension);
}

TEST(ServerHello, Section4_3_1_AnyVersionIsDecodedForTheHandshakeToJudge) {
  const ByteVector body = hello_12(extension(supported_versions, {3, 3}));
  const auto hello = decode_as<ServerHello>(body);
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->selected_version, ProtocolVersion::tls12);
}

TEST(HelloRetryRequest, DecodeOfEncodeIsTheSame) {
  const ByteVector body = retry(joined({version_13, extension(key_share, {0, 0x17}),
                                        extension(cookie, from_hex("0002abcd")), extension(0x1234)}));
  check_codec(body, decode_as<HelloRetryRequest>, {head(retry_random).size()});
  const auto message = decode_as<HelloRetryRequest>(body);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->selected_version, ProtocolVersion::tls13);
  EXPECT_EQ(message->selected_group, NamedGroup::secp256r1);
  EXPECT_EQ(to_hex(*message->cookie), "abcd");
  EXPECT_EQ(message->extensions.size(), 4u);
}

TEST(HelloRetryRequest, Section4_2_4_WithoutExtensionsNothingIsSelected) {
  const ByteVector body = retry({});
  const auto message = decode_as<HelloRetryRequest>(body);
  ASSERT_TRUE(message.ok());
  EXPECT_FALSE(message->selected_version.has_value());
  EXPECT_FALSE(message->selected_group.has_value());
  EXPECT_FALSE(message->cookie.has_value());
}

TEST(HelloRetryRequest, Section4_3_MalformedBodiesAreDecodeErrors) {
  for (const auto& [type, hex] : {std::pair{key_share, ""},
                                  {key_share, "00"},
                                  {key_share, "001800"},
                                  {key_share, "001d000155"},
                                  {cookie, ""},
                                  {cookie, "0000"},
                                  {cookie, "0001"},
                                  {cookie, "0001aabb"},
                                  {supported_versions, ""},
                                  {supported_versions, "020304"}})
    EXPECT_EQ(refused(retry(extension(type, from_hex(hex)))), ErrorCode::decode_error)
        << name_of(type) << ' ' << hex;
}

TEST(HelloRetryRequest, Section4_3_WhatBelongsElsewhereIsMisplaced) {
  for (const ExtensionType type :
       {pre_shared_key, early_data, server_name, application_layer_protocol_negotiation, supported_groups,
        extended_master_secret})
    EXPECT_EQ(refused(retry(joined({version_13, extension(type)}))), ErrorCode::misplaced_extension)
        << name_of(type);
}

const ByteVector all_12 =
    joined({extension(server_name), extension(status_request), extension(extended_master_secret),
            extension(session_ticket), extension(ec_point_formats, {1, 0}),
            extension(application_layer_protocol_negotiation, from_hex("0003026832")),
            extension(renegotiation_info, {0}), extension(0x1234, {7}),
            extension(supported_groups, from_hex("0002001d"))});

TEST(ServerHello12, DecodeOfEncodeIsTheSame) {
  check_codec(hello_12(all_12), decode_as<ServerHello12>, {head(filled(32)).size()});
  check_codec(head(filled(32)), decode_as<ServerHello12>);
  const ByteVector body = hello_12(all_12);
  const auto hello = decode_as<ServerHello12>(body);
  ASSERT_TRUE(hello.ok());
  EXPECT_TRUE(hello->server_name_ack && hello->status_request_ack && hello->extended_master_secret);
  EXPECT_TRUE(hello->session_ticket_ack);
  EXPECT_EQ(to_hex(*hello->ec_point_formats), "00");
  EXPECT_EQ(as_text(*hello->alpn), "h2");
  EXPECT_TRUE(hello->renegotiation_info->empty());
  EXPECT_EQ(hello->extensions.size(), 9u);
}

TEST(ServerHello12, Rfc5246_7_4_1_3_EveryOldVersionIsDecoded) {
  for (const uint8_t minor : ByteVector{0, 1, 2, 3, 4}) {
    ByteVector body = head(filled(32));
    body[1] = minor;
    const auto hello = decode_as<ServerHello12>(body);
    ASSERT_TRUE(hello.ok());
    EXPECT_EQ(hello->version, ProtocolVersion(0x0300 + minor));
  }
}

TEST(ServerHello12, AcknowledgementsAreEmpty) {
  for (const ExtensionType type : {server_name, status_request, extended_master_secret, session_ticket}) {
    EXPECT_EQ(refused(hello_12(extension(type))), std::nullopt);
    EXPECT_EQ(refused(hello_12(extension(type, {0}))), ErrorCode::decode_error) << name_of(type);
  }
}

TEST(ServerHello12, MalformedBodiesAreDecodeErrors) {
  for (const auto& [type, hex] : {std::pair{ec_point_formats, ""},
                                  {ec_point_formats, "00"},
                                  {ec_point_formats, "0200"},
                                  {ec_point_formats, "010000"},
                                  {renegotiation_info, ""},
                                  {renegotiation_info, "01"},
                                  {renegotiation_info, "0000"},
                                  {application_layer_protocol_negotiation, ""},
                                  {application_layer_protocol_negotiation, "0000"},
                                  {application_layer_protocol_negotiation, "000100"},
                                  {application_layer_protocol_negotiation, "000302683200"}})
    EXPECT_EQ(refused(hello_12(extension(type, from_hex(hex)))), ErrorCode::decode_error)
        << name_of(type) << ' ' << hex;
}

TEST(ServerHello12, Rfc7301_3_1_TwoProtocolsAreRefused) {
  const auto body = hello_12(extension(application_layer_protocol_negotiation, from_hex("000401610162")));
  EXPECT_EQ(refused(body), ErrorCode::alpn_not_offered);
  EXPECT_EQ(alert(decode_server_hello(body)), AlertDescription::illegal_parameter);
}

TEST(ServerHello12, Section4_3_ExtensionsOf13AreMisplaced) {
  for (const ExtensionType type : {key_share, pre_shared_key, early_data, cookie, signature_algorithms,
                                   padding, psk_key_exchange_modes, certificate_authorities})
    EXPECT_EQ(refused(hello_12(extension(type))), ErrorCode::misplaced_extension) << name_of(type);
}

}  // namespace
}  // namespace bulla::tls
