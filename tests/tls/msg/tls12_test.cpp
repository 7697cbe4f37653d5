// The messages of TLS 1.2: RFC 5246 §7.4, RFC 8422 §5, RFC 5077 §3.3, RFC 6066 §8.
#include "tls/msg/tls12.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;

TEST(HelloRequest, Rfc5246_7_4_1_1_IsEmpty) {
  check_codec({}, HelloRequest::decode);
  EXPECT_EQ(refusal(HelloRequest::decode(from_hex("00"))), ErrorCode::decode_error);
}

TEST(ServerHelloDone, Rfc5246_7_4_5_IsEmpty) {
  check_codec({}, ServerHelloDone::decode);
  EXPECT_EQ(refusal(ServerHelloDone::decode(from_hex("00"))), ErrorCode::decode_error);
}

Result<Certificate12> decode_certificate(Bytes body) {
  return Certificate12::decode(body, 100);
}

TEST(Certificate12, DecodeOfEncodeIsTheSame) {
  const ByteVector body = prefixed(3, joined({prefixed(3, {1, 2, 3}), prefixed(3, {4})}));
  check_codec(body, decode_certificate);
  check_codec(prefixed(3, {}), decode_certificate);
  const auto message = decode_certificate(body);
  ASSERT_TRUE(message.ok());
  ASSERT_EQ(message->entries.size(), 2u);
  EXPECT_EQ(to_hex(message->entries[0]), "010203");
}

TEST(Certificate12, Rfc5246_7_4_2_MalformedListsAreRefused) {
  for (const char* hex : {"", "00", "0000", "00000100", "000003000000",
                          "00000400000101"
                          "00",
                          "0000050000010100", "0000040000020101",
                          "000004000001"
                          "01"
                          "00"})
    EXPECT_EQ(refusal(decode_certificate(from_hex(hex))), ErrorCode::decode_error) << hex;
}

TEST(Certificate12, MoreEntriesThanTheLimitAreRefused) {
  const ByteVector body = prefixed(3, joined({prefixed(3, {1}), prefixed(3, {2}), prefixed(3, {3})}));
  EXPECT_TRUE(Certificate12::decode(body, 3).ok());
  EXPECT_EQ(refusal(Certificate12::decode(body, 2)), ErrorCode::certificate_list_too_large);
}

TEST(CertificateStatus, DecodeOfEncodeIsTheSame) {
  check_codec(from_hex("0100000461626364"), CertificateStatus::decode);
}

TEST(CertificateStatus, Rfc6066_8_OnlyOcspAndNeverEmpty) {
  for (const char* hex : {"", "01", "01000000", "0000000161", "0200000161", "010000016161"}) {
    const ByteVector body = from_hex(hex);
    EXPECT_EQ(refusal(CertificateStatus::decode(body)), ErrorCode::bad_ocsp_message) << hex;
    EXPECT_EQ(alert(CertificateStatus::decode(body)), AlertDescription::decode_error);
  }
}

const ByteVector exchange = from_hex(
    "03001d02aabb"
    "0804"
    "0003112233");

TEST(ServerKeyExchange, DecodeOfEncodeIsTheSame) {
  check_codec(exchange, ServerKeyExchange::decode);
  const auto message = ServerKeyExchange::decode(exchange);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->group, NamedGroup::x25519);
  EXPECT_EQ(to_hex(message->point), "aabb");
  EXPECT_EQ(to_hex(message->params), "03001d02aabb");
  EXPECT_EQ(message->encode_params(), to_vector(message->params));
  EXPECT_EQ(message->algorithm, SignatureScheme::rsa_pss_rsae_sha256);
  EXPECT_EQ(to_hex(message->signature), "112233");
}

TEST(ServerKeyExchange, Rfc8422_5_4_ExplicitCurvesAreRefused) {
  for (const uint8_t type : ByteVector{0, 1, 2, 4, 248}) {
    ByteVector body = exchange;
    body[0] = type;
    EXPECT_EQ(refusal(ServerKeyExchange::decode(body)), ErrorCode::illegal_parameter);
  }
}

TEST(ServerKeyExchange, Rfc8422_5_4_AnEmptyPointIsRefused) {
  EXPECT_EQ(refusal(ServerKeyExchange::decode(from_hex("03001d0008040003112233"))), ErrorCode::decode_error);
}

TEST(ServerKeyExchange, Rfc8422_5_4_LengthsThatDisagreeAreRefused) {
  for (const char* hex :
       {"", "03", "03001d", "03001d02aa", "03001d01aa0804", "03001d01aa08040001", "03001d01aa0804000000"})
    EXPECT_EQ(refusal(ServerKeyExchange::decode(from_hex(hex))), ErrorCode::decode_error) << hex;
}

TEST(CertificateRequest12, DecodeOfEncodeIsTheSame) {  // RFC 5246 §7.4.4, RFC 8422 §5.5
  const ByteVector body = from_hex(
      "020140"
      "000404030804"
      "00070001610002"
      "6263");
  check_codec(body, CertificateRequest12::decode);
  check_codec(from_hex("0140"
                       "00020403"
                       "0000"),
              CertificateRequest12::decode);
  const auto message = CertificateRequest12::decode(body);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->certificate_types.size(), 2u);
  EXPECT_EQ(message->signature_algorithms.size(), 2u);
  ASSERT_EQ(message->authorities.size(), 2u);
  EXPECT_EQ(as_text(message->authorities[1]), "bc");
}

TEST(CertificateRequest12, Rfc5246_7_4_4_MinimaHold) {
  for (const char* hex : {"00"
                          "00020403"
                          "0000",
                          "0140"
                          "0000"
                          "0000",
                          "0140"
                          "0003040308"
                          "0000",
                          "0140"
                          "00020403",
                          "0140"
                          "00020403"
                          "00020000",
                          "0140"
                          "00020403"
                          "0003000261",
                          "0140"
                          "00020403"
                          "000000",
                          "0140"
                          "0000"})
    EXPECT_EQ(refusal(CertificateRequest12::decode(from_hex(hex))), ErrorCode::decode_error) << hex;
}

TEST(ClientKeyExchange, DecodeOfEncodeIsTheSame) {
  check_codec(prefixed(1, filled(65)), ClientKeyExchange::decode);
  check_codec(prefixed(1, filled(255)), ClientKeyExchange::decode);
}

TEST(ClientKeyExchange, Rfc8422_5_7_ThePointIsNeverEmpty) {
  for (const char* hex : {"", "00", "01", "0100ff", "02aa", "0041aa"})
    EXPECT_EQ(refusal(ClientKeyExchange::decode(from_hex(hex))), ErrorCode::decode_error) << hex;
}

TEST(NewSessionTicket12, DecodeOfEncodeIsTheSame) {
  const ByteVector body = from_hex(
      "00000e10"
      "0003112233");
  check_codec(body, NewSessionTicket12::decode);
  check_codec(from_hex("000000000000"), NewSessionTicket12::decode);
  EXPECT_EQ(NewSessionTicket12::decode(body).value().lifetime_hint, 3600u);
}

TEST(NewSessionTicket12, Rfc5077_3_3_LengthsThatDisagreeAreRefused) {
  for (const char* hex : {"", "0001", "00000000", "00000000000100ff", "00010203000500"})
    EXPECT_EQ(refusal(NewSessionTicket12::decode(from_hex(hex))), ErrorCode::decode_error) << hex;
}

}  // namespace
}  // namespace bulla::tls
