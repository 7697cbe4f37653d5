// NewSessionTicket (RFC 9846 §4.7.1), KeyUpdate (§4.7.3), EndOfEarlyData (§4.6).
#include "tls/msg/post_handshake.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;
using enum ExtensionType;

ByteVector ticket_with(const ByteVector& extensions, size_t nonce = 2, size_t ticket = 3) {
  return joined({from_hex("00093a8001020304"), prefixed(1, filled(nonce)), prefixed(2, filled(ticket)),
                 prefixed(2, extensions)});
}
std::optional<ErrorCode> refused(const ByteVector& body) {
  return refusal(NewSessionTicket::decode(body));
}

TEST(NewSessionTicket, DecodeOfEncodeIsTheSame) {
  const ByteVector body = ticket_with(extension(early_data, from_hex("00004000")), 255, 500);
  check_codec(body, NewSessionTicket::decode);
  check_codec(ticket_with({}, 0, 1), NewSessionTicket::decode);
  const auto message = NewSessionTicket::decode(body);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->lifetime, 604800u);
  EXPECT_EQ(message->age_add, 0x01020304u);
  EXPECT_EQ(message->nonce.size(), 255u);
  EXPECT_EQ(message->ticket.size(), 500u);
  EXPECT_EQ(message->max_early_data_size, 16384u);
}

TEST(NewSessionTicket, Section4_7_1_AnEmptyTicketIsRefused) {
  EXPECT_EQ(refused(ticket_with({}, 2, 0)), ErrorCode::decode_error);
}

TEST(NewSessionTicket, Section4_7_1_TheExtensionsAreMandatory) {
  ByteVector body = ticket_with({});
  body.resize(body.size() - 2);
  EXPECT_EQ(refused(body), ErrorCode::decode_error);
  EXPECT_EQ(refused(from_hex("000000000003112233")), ErrorCode::decode_error);  // the form of TLS 1.2
}

TEST(NewSessionTicket, Section4_7_1_UnrecognizedExtensionsAreIgnored) {
  EXPECT_EQ(refused(ticket_with(joined({extension(0x1234, {1}), extension(0x0a0a)}))), std::nullopt);
}

TEST(NewSessionTicket, Section4_3_10_MalformedEarlyDataIsRefused) {
  for (const char* hex : {"", "00", "000040", "0000400000"})
    EXPECT_EQ(refused(ticket_with(extension(early_data, from_hex(hex)))), ErrorCode::decode_error) << hex;
}

TEST(NewSessionTicket, Section4_3_DuplicateAndMisplacedExtensionsAreRefused) {
  const ByteVector once = extension(early_data, from_hex("00004000"));
  EXPECT_EQ(refused(ticket_with(joined({once, once}))), ErrorCode::duplicate_extension);
  EXPECT_EQ(alert(NewSessionTicket::decode(ticket_with(joined({once, once})))),
            AlertDescription::illegal_parameter);
  for (const ExtensionType type : {key_share, pre_shared_key, server_name, supported_versions})
    EXPECT_EQ(refused(ticket_with(extension(type))), ErrorCode::misplaced_extension) << name_of(type);
}

TEST(KeyUpdate, Section4_7_3_TwoValues) {
  check_codec({0}, KeyUpdate::decode);
  check_codec({1}, KeyUpdate::decode);
  const ByteVector asks = {1};
  EXPECT_EQ(KeyUpdate::decode(asks).value().request, KeyUpdateRequest::update_requested);
}

TEST(KeyUpdate, Section4_7_3_OtherValuesAreIllegal) {
  for (const uint8_t value : ByteVector{2, 3, 42, 255}) {
    const ByteVector body = {value};
    EXPECT_EQ(refusal(KeyUpdate::decode(body)), ErrorCode::illegal_parameter);
    EXPECT_EQ(alert(KeyUpdate::decode(body)), AlertDescription::illegal_parameter);
  }
}

TEST(KeyUpdate, Section4_7_3_OtherLengthsAreDecodeErrors) {
  for (const char* hex : {"", "0000", "0101", "0200"})
    EXPECT_EQ(refusal(KeyUpdate::decode(from_hex(hex))), ErrorCode::decode_error) << hex;
}

TEST(EndOfEarlyData, Section4_6_IsEmpty) {
  check_codec({}, EndOfEarlyData::decode);
  const ByteVector body = {0};
  EXPECT_EQ(refusal(EndOfEarlyData::decode(body)), ErrorCode::decode_error);
}

}  // namespace
}  // namespace bulla::tls
