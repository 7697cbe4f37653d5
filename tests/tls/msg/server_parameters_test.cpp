// EncryptedExtensions (RFC 9846 §4.4.1) and CertificateRequest (§4.4.2).
#include "tls/msg/server_parameters.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;
using enum ExtensionType;

Result<EncryptedExtensions> decode_ee(Bytes body) {
  return EncryptedExtensions::decode(body);
}
Result<CertificateRequest> decode_cr(Bytes body) {
  return CertificateRequest::decode(body);
}
std::optional<ErrorCode> refused_ee(const ByteVector& extensions) {
  return refusal(EncryptedExtensions::decode(prefixed(2, extensions)));
}

TEST(EncryptedExtensions, DecodeOfEncodeIsTheSame) {
  const ByteVector body =
      prefixed(2, joined({extension(server_name), extension(supported_groups, from_hex("0004001d0017")),
                          extension(application_layer_protocol_negotiation, from_hex("0003026832")),
                          extension(early_data), extension(0x1234, {1})}));
  check_codec(body, decode_ee);
  check_codec({0, 0}, decode_ee);
  const auto message = EncryptedExtensions::decode(body);
  ASSERT_TRUE(message.ok());
  EXPECT_TRUE(message->server_name_ack);
  EXPECT_TRUE(message->early_data);
  EXPECT_EQ(message->supported_groups->size(), 2u);
  EXPECT_EQ(as_text(*message->alpn), "h2");
  EXPECT_EQ(message->extensions.size(), 5u);
}

TEST(EncryptedExtensions, Section4_4_1_TheBlockIsMandatory) {
  EXPECT_EQ(refusal(EncryptedExtensions::decode({})), ErrorCode::decode_error);
  const ByteVector half = {0};
  EXPECT_EQ(refusal(EncryptedExtensions::decode(half)), ErrorCode::decode_error);
}

TEST(EncryptedExtensions, Section4_4_1_ForbiddenExtensionsAreRefused) {
  for (const ExtensionType type :
       {status_request, ec_point_formats, signature_algorithms, signed_certificate_timestamp, padding,
        extended_master_secret, session_ticket, pre_shared_key, supported_versions, cookie,
        psk_key_exchange_modes, certificate_authorities, oid_filters, post_handshake_auth,
        signature_algorithms_cert, renegotiation_info}) {
    const ByteVector body = prefixed(2, extension(type));
    EXPECT_EQ(refusal(EncryptedExtensions::decode(body)), ErrorCode::misplaced_extension) << name_of(type);
    EXPECT_EQ(alert(EncryptedExtensions::decode(body)), AlertDescription::illegal_parameter);
  }
}

TEST(EncryptedExtensions, Section4_4_1_KeyShareIsAnsweredAsBoringSslExpects) {
  const ByteVector body = prefixed(2, extension(key_share, from_hex("001d000155")));
  EXPECT_EQ(refusal(EncryptedExtensions::decode(body)), ErrorCode::misplaced_extension);
  EXPECT_EQ(alert(EncryptedExtensions::decode(body)), AlertDescription::unsupported_extension);
}

TEST(EncryptedExtensions, Section4_3_MalformedBodiesAreDecodeErrors) {
  for (const auto& [type, hex] : {std::pair{server_name, "00"},
                                  {server_name,
                                   "0004000001"
                                   "61"},
                                  {early_data, "00"},
                                  {early_data, "00004000"},
                                  {supported_groups, ""},
                                  {supported_groups, "0000"},
                                  {supported_groups, "0003001d00"},
                                  {supported_groups, "0002001d00"},
                                  {application_layer_protocol_negotiation, ""},
                                  {application_layer_protocol_negotiation, "0000"},
                                  {application_layer_protocol_negotiation, "000100"},
                                  {application_layer_protocol_negotiation,
                                   "0003026833"
                                   "00"}})
    EXPECT_EQ(refused_ee(extension(type, from_hex(hex))), ErrorCode::decode_error)
        << name_of(type) << ' ' << hex;
}

TEST(EncryptedExtensions, Rfc7301_3_1_TwoProtocolsAreRefused) {
  EXPECT_EQ(refused_ee(extension(application_layer_protocol_negotiation, from_hex("000401610162"))),
            ErrorCode::alpn_not_offered);
}

TEST(EncryptedExtensions, Section4_3_DuplicatesAreRefused) {
  EXPECT_EQ(refused_ee(joined({extension(early_data), extension(early_data)})),
            ErrorCode::duplicate_extension);
}

TEST(EncryptedExtensions, Section4_3_UnknownExtensionsAreLeftToCheckSolicited) {
  const ByteVector body = prefixed(2, extension(0x1234));
  const auto message = EncryptedExtensions::decode(body);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(refusal(check_solicited(message->extensions, {}, Carrier::ee)), ErrorCode::unsolicited_extension);
}

const ByteVector algorithms = extension(signature_algorithms, from_hex("000404030804"));
ByteVector request(const ByteVector& extensions) {
  return joined({{0}, prefixed(2, extensions)});
}
std::optional<ErrorCode> refused_cr(const ByteVector& extensions) {
  return refusal(CertificateRequest::decode(request(extensions)));
}

TEST(CertificateRequest, DecodeOfEncodeIsTheSame) {
  const ByteVector body =
      joined({prefixed(1, filled(255)),
              prefixed(2, joined({algorithms, extension(signature_algorithms_cert, from_hex("00020401")),
                                  extension(certificate_authorities, from_hex("000600016100"
                                                                              "0162")),
                                  extension(status_request)}))});
  check_codec(body, decode_cr);
  check_codec(request(algorithms), decode_cr);
  const auto message = CertificateRequest::decode(body);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->context.size(), 255u);
  EXPECT_TRUE(message->signature_algorithms.contains(SignatureScheme::ecdsa_secp256r1_sha256));
  EXPECT_EQ(message->signature_algorithms_cert->size(), 1u);
  EXPECT_EQ(message->certificate_authorities.size(), 2u);
  EXPECT_TRUE(message->status_request);
}

TEST(CertificateRequest, Section4_4_2_SignatureAlgorithmsIsMandatory) {
  EXPECT_EQ(refused_cr({}), ErrorCode::missing_extension);
  EXPECT_EQ(refused_cr(extension(signature_algorithms_cert, from_hex("00020401"))),
            ErrorCode::missing_extension);
  EXPECT_EQ(alert(CertificateRequest::decode(request({}))), AlertDescription::missing_extension);
}

TEST(CertificateRequest, Section4_4_2_UnrecognizedExtensionsAreIgnored) {
  EXPECT_EQ(refused_cr(joined({extension(0x1212, {1, 2}), algorithms, extension(0x0a0a)})), std::nullopt);
  EXPECT_EQ(refused_cr(joined(
                {algorithms, extension(oid_filters, {0, 0}), extension(signed_certificate_timestamp)})),
            std::nullopt);
}

TEST(CertificateRequest, Section4_3_WhatBelongsElsewhereIsMisplaced) {
  for (const ExtensionType type :
       {supported_groups, key_share, pre_shared_key, early_data, supported_versions, cookie,
        application_layer_protocol_negotiation, padding, session_ticket})
    EXPECT_EQ(refused_cr(joined({algorithms, extension(type)})), ErrorCode::misplaced_extension)
        << name_of(type);
}

TEST(CertificateRequest, Section4_3_DuplicatesAreRefused) {
  EXPECT_EQ(refused_cr(joined({algorithms, algorithms})), ErrorCode::duplicate_extension);
}

TEST(CertificateRequest, Section4_3_MalformedBodiesAreDecodeErrors) {
  for (const auto& [type, hex] : {std::pair{signature_algorithms_cert, ""},
                                  {signature_algorithms_cert, "0000"},
                                  {signature_algorithms_cert, "000104"},
                                  {certificate_authorities, ""},
                                  {certificate_authorities, "0000"},
                                  {certificate_authorities, "00020000"},
                                  {certificate_authorities, "0003000261"},
                                  {status_request, "0100000000"}})
    EXPECT_EQ(refused_cr(joined({algorithms, extension(type, from_hex(hex))})), ErrorCode::decode_error)
        << hex;
  for (const char* hex : {"", "0000", "0003040308", "000204030804"})
    EXPECT_EQ(refused_cr(extension(signature_algorithms, from_hex(hex))), ErrorCode::decode_error) << hex;
}

}  // namespace
}  // namespace bulla::tls
