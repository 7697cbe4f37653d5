// Certificate (RFC 9846 §4.5.1), CertificateVerify (§4.5.2), Finished (§4.5.3).
#include "tls/msg/authentication.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;
using enum ExtensionType;

constexpr unsigned many = 100;
Result<CertificateMessage> decode(Bytes body) {
  return CertificateMessage::decode(body, many);
}

ByteVector entry(const ByteVector& data, const ByteVector& extensions = {}) {
  return joined({prefixed(3, data), prefixed(2, extensions)});
}
ByteVector certificate(const ByteVector& entries, const ByteVector& context = {}) {
  return joined({prefixed(1, context), prefixed(3, entries)});
}
std::optional<ErrorCode> refused(const ByteVector& body) {
  return refusal(decode(body));
}
const ByteVector ocsp = extension(status_request, from_hex("0100000461626364"));

TEST(CertificateMessage, DecodeOfEncodeIsTheSame) {
  const ByteVector body = certificate(
      joined(
          {entry({1, 2, 3}, joined({ocsp, extension(signed_certificate_timestamp, {9}), extension(0x1234)})),
           entry({4})}),
      filled(255));
  check_codec(body, decode);
  check_codec(certificate({}), decode);
  check_codec(certificate(entry(filled(70000))),
              [](Bytes b) { return b.size() < 70000 ? decode({}) : decode(b); });
  const auto message = decode(body);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->context.size(), 255u);
  ASSERT_EQ(message->entries.size(), 2u);
  EXPECT_EQ(to_hex(message->entries[0].data), "010203");
  EXPECT_EQ(as_text(*message->entries[0].ocsp_response), "abcd");
  EXPECT_EQ(message->entries[0].extensions.size(), 3u);
  EXPECT_FALSE(message->entries[1].ocsp_response.has_value());
}

TEST(CertificateMessage, Section4_5_1_AnEmptyCertificateIsRefused) {
  EXPECT_EQ(refused(certificate(entry({}))), ErrorCode::decode_error);
  EXPECT_EQ(refused(certificate(joined({entry({1}), entry({})}))), ErrorCode::decode_error);
}

TEST(CertificateMessage, Section4_5_1_ListsThatDisagreeAreRefused) {
  EXPECT_EQ(refused({}), ErrorCode::decode_error);
  EXPECT_EQ(refused({0}), ErrorCode::decode_error);
  EXPECT_EQ(refused(certificate({0})), ErrorCode::decode_error);
  EXPECT_EQ(refused(certificate(prefixed(3, {1}))), ErrorCode::decode_error);  // the form of TLS 1.2
  EXPECT_EQ(refused(certificate(joined({entry({1}), {0}}))), ErrorCode::decode_error);
  EXPECT_EQ(refused(joined({certificate(entry({1})), {0}})), ErrorCode::decode_error);
}

TEST(CertificateMessage, MoreEntriesThanTheLimitAreRefused) {
  ByteVector entries;
  for (int i = 0; i < 5; ++i) entries = joined({entries, entry({1})});
  const ByteVector body = certificate(entries);
  EXPECT_TRUE(CertificateMessage::decode(body, 5).ok());
  const auto result = CertificateMessage::decode(body, 4);
  EXPECT_EQ(refusal(result), ErrorCode::certificate_list_too_large);
  EXPECT_EQ(alert(result), AlertDescription::illegal_parameter);
  EXPECT_EQ(refusal(CertificateMessage::decode(body, 0)), ErrorCode::certificate_list_too_large);
  EXPECT_TRUE(CertificateMessage::decode(certificate({}), 0).ok());
}

// RFC 9846 §4.5.1.1: the body is a CertificateStatus and nothing else.
TEST(CertificateMessage, Section4_5_1_1_MalformedOcspIsRefused) {
  for (const char* hex : {"", "01", "01000000", "0200000161", "0100000261", "010000016100"}) {
    const ByteVector body = certificate(entry({1}, extension(status_request, from_hex(hex))));
    EXPECT_EQ(refused(body), ErrorCode::bad_ocsp_message) << hex;
    EXPECT_EQ(alert(decode(body)), AlertDescription::decode_error);
  }
}

TEST(CertificateMessage, Section4_3_DuplicateAndMisplacedExtensionsAreRefusedInEveryEntry) {
  EXPECT_EQ(refused(certificate(entry({1}, joined({ocsp, ocsp})))), ErrorCode::duplicate_extension);
  EXPECT_EQ(refused(certificate(joined({entry({1}), entry({1}, joined({ocsp, ocsp}))}))),
            ErrorCode::duplicate_extension);
  EXPECT_EQ(refused(certificate(joined({entry({1}, ocsp), entry({1}, ocsp)}))), std::nullopt);
  for (const ExtensionType type :
       {server_name, key_share, signature_algorithms, early_data, certificate_authorities})
    EXPECT_EQ(refused(certificate(joined({entry({1}), entry({2}, extension(type))}))),
              ErrorCode::misplaced_extension);
}

TEST(CertificateMessage, Section4_3_UnknownExtensionsAreLeftToCheckSolicited) {
  const ByteVector body = certificate(entry({1}, extension(0x007f)));
  const auto message = decode(body);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(refusal(check_solicited(message->entries[0].extensions, {}, Carrier::ct)),
            ErrorCode::unsolicited_extension);
}

TEST(CertificateVerify, DecodeOfEncodeIsTheSame) {
  const ByteVector body = joined({from_hex("0804"), prefixed(2, filled(64))});
  check_codec(body, CertificateVerify::decode);
  const auto message = CertificateVerify::decode(body);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->algorithm, SignatureScheme::rsa_pss_rsae_sha256);
  EXPECT_EQ(message->signature.size(), 64u);
}

TEST(CertificateVerify, Section4_5_2_TheSignatureHas0To65535Bytes) {
  check_codec(from_hex("04030000"), CertificateVerify::decode);
  const ByteVector longest = joined({from_hex("0403"), prefixed(2, filled(65535))});
  EXPECT_TRUE(CertificateVerify::decode(longest).ok());
  for (const char* hex : {"", "04", "0403", "040300", "04030001", "0403000000", "040300010000"})
    EXPECT_EQ(refusal(CertificateVerify::decode(from_hex(hex))), ErrorCode::decode_error) << hex;
}

TEST(Finished, Section4_5_3_AnyLengthIsKept) {
  for (const size_t size : std::initializer_list<size_t>{0, 12, 32, 48, 33}) {
    const ByteVector body = filled(size);
    const auto message = Finished::decode(body);
    ASSERT_TRUE(message.ok());
    EXPECT_EQ(message->verify_data.size(), size);
    EXPECT_EQ(encoded(*message), body);
  }
}

}  // namespace
}  // namespace bulla::tls
