// RFC 9846 §4.3: which extension may occur where, and how often.
#include "tls/ext/rules.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;
using enum ExtensionType;
using enum Carrier;

constexpr Carrier carriers[] = {ch, sh, hrr, ee, cr, ct, nst, sh12};

Result<RawExtensions> read(const ByteVector& block, Carrier carrier) {
  Reader r{Bytes(block)};
  return read_extensions(r, carrier);
}
Result<RawExtensions> read_one(ExtensionType type, Carrier carrier) {
  return read(prefixed(2, extension(type)), carrier);
}

// The table of RFC 9846 §4.3, written once more in the RFC's own order of columns, as an independent check.
struct Allowed {
  ExtensionType type;
  std::vector<Carrier> where;
};
const Allowed allowed[] = {
    {server_name, {ch, ee, cr, sh12}},
    {status_request, {ch, cr, ct, sh12}},
    {supported_groups, {ch, ee, sh12}},
    {ec_point_formats, {ch, sh12}},  // RFC 8422 §5.2
    {signature_algorithms, {ch, cr}},
    {application_layer_protocol_negotiation, {ch, ee, sh12}},
    {signed_certificate_timestamp, {ch, cr, ct, sh12}},  // RFC 6962 §3.3.1, RFC 8446 §4.2
    {padding, {ch}},
    {extended_master_secret, {ch, sh12}},  // RFC 7627 §5.1
    {session_ticket, {ch, sh12}},          // RFC 5077 §3.2
    {pre_shared_key, {ch, sh}},
    {early_data, {ch, ee, nst}},
    {supported_versions, {ch, sh, hrr}},
    {cookie, {ch, hrr}},
    {psk_key_exchange_modes, {ch}},
    {certificate_authorities, {ch, cr}},
    {oid_filters, {cr}},
    {post_handshake_auth, {ch}},
    {signature_algorithms_cert, {ch, cr}},
    {key_share, {ch, sh, hrr}},
    {renegotiation_info, {ch, sh12}},  // RFC 5746 §3.2
};

TEST(Rules, Section4_3_EveryCellOfTheTable) {
  for (const Allowed& row : allowed) {
    EXPECT_TRUE(is_known(row.type));
    for (const Carrier carrier : carriers) {
      const bool yes = std::ranges::find(row.where, carrier) != row.where.end();
      const std::string cell = name_of(row.type) + " in " + std::to_string(static_cast<int>(carrier));
      EXPECT_EQ(may_occur(row.type, carrier), yes) << cell;
      const auto result = read_one(row.type, carrier);
      EXPECT_EQ(result.ok(), yes) << cell;
      if (!yes) {
        EXPECT_EQ(refusal(result), ErrorCode::misplaced_extension) << cell;
        const bool excepted = row.type == key_share && carrier == ee;
        EXPECT_EQ(alert(result),
                  excepted ? AlertDescription::unsupported_extension : AlertDescription::illegal_parameter);
      }
    }
  }
}

TEST(Rules, Section4_3_UnknownTypesMayOccurAnywhere) {
  for (const Carrier carrier : carriers)
    for (const uint16_t type : std::initializer_list<uint16_t>{0x0a0a, 0xfafa, 0x1234, 0xffff, 0x000f}) {
      EXPECT_FALSE(is_known(ExtensionType{type}));
      EXPECT_TRUE(read_one(ExtensionType{type}, carrier).ok());
    }
}

TEST(Rules, Section4_3_DuplicatesAreRefusedEverywhere) {
  for (const Allowed& row : allowed)
    for (const Carrier carrier : row.where) {
      const auto result =
          read(prefixed(2, joined({extension(row.type), extension(0x1234), extension(row.type)})), carrier);
      EXPECT_EQ(refusal(result), ErrorCode::duplicate_extension);
      EXPECT_EQ(alert(result), AlertDescription::illegal_parameter);
    }
}

TEST(Rules, Section4_3_DuplicatesOfUnknownTypesAreDecodeErrors) {
  for (const Carrier carrier : carriers) {
    const auto result =
        read(prefixed(2, joined({extension(0xffff), extension(0x0a0a), extension(0xffff)})), carrier);
    EXPECT_EQ(refusal(result), ErrorCode::duplicate_extension);
    EXPECT_EQ(alert(result), AlertDescription::decode_error);
  }
}

TEST(Rules, Section4_3_DuplicateIsFoundBeforeMisplaced) {
  const auto result = read(prefixed(2, joined({extension(padding), extension(padding)})), ee);
  EXPECT_EQ(refusal(result), ErrorCode::duplicate_extension);
}

TEST(Rules, Section4_3_MalformedBlocksAreRefused) {
  for (const char* hex : {"", "00", "0001", "000100", "0003000000", "00040000", "000400000001",
                          "00050000000200", "0005000000000000"}) {
    const ByteVector block = from_hex(hex);
    Reader r{Bytes(block)};
    EXPECT_EQ(refusal(read_extensions(r, ch)), ErrorCode::decode_error) << hex;
  }
}

TEST(Rules, WhatFollowsTheBlockIsLeftAlone) {
  const ByteVector bytes = from_hex("0000aabb");
  Reader r{Bytes(bytes)};
  const auto result = read_extensions(r, ee);
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->empty());
  EXPECT_EQ(r.left(), 2u);
}

TEST(Rules, BodiesAndOrderAreKept) {
  const ByteVector block = prefixed(2, joined({extension(0x1234, {1, 2}), extension(server_name, {3})}));
  const auto result = read(block, ch);
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->size(), 2u);
  EXPECT_EQ((*result)[0].type, ExtensionType{0x1234});
  EXPECT_EQ(to_hex((*result)[0].body), "0102");
  EXPECT_EQ((*result)[1].type, server_name);
  EXPECT_EQ(to_hex(*find_extension(*result, server_name)), "03");
  EXPECT_FALSE(find_extension(*result, cookie).has_value());
}

TEST(Rules, AsManyExtensionsAsFitAreRead) {
  ByteVector body;
  for (uint32_t i = 0; i < 16383; ++i) {
    const ByteVector one = extension(static_cast<uint16_t>(0x8000 + i));
    body.insert(body.end(), one.begin(), one.end());
  }
  const ByteVector block = prefixed(2, body);
  const auto result = read(block, ch);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->size(), 16383u);
}

TEST(Rules, Section4_3_ResponsesNeedARequest) {
  const ExtensionType offered[] = {server_name, key_share, supported_versions};
  const RawExtensions solicited = {{server_name, {}}, {key_share, {}}};
  EXPECT_TRUE(check_solicited(solicited, offered, ee).ok());
  EXPECT_TRUE(check_solicited({}, {}, ee).ok());
  for (const ExtensionType type :
       {application_layer_protocol_negotiation, early_data, ExtensionType{0x1234}}) {
    const RawExtensions response = {{server_name, {}}, {type, {}}};
    const auto result = check_solicited(response, offered, ee);
    EXPECT_EQ(refusal(result), ErrorCode::unsolicited_extension);
    EXPECT_EQ(alert(result), AlertDescription::unsupported_extension);
  }
}

TEST(Rules, Section4_3_OnlyACookieInAHelloRetryRequestIsUnsolicited) {
  const RawExtensions response = {{cookie, {}}};
  EXPECT_TRUE(check_solicited(response, {}, hrr).ok());
  EXPECT_EQ(refusal(check_solicited(response, {}, sh)), ErrorCode::unsolicited_extension);
  const RawExtensions other = {{key_share, {}}};
  EXPECT_EQ(refusal(check_solicited(other, {}, hrr)), ErrorCode::unsolicited_extension);
}

TEST(Rules, Section4_3_TrailingDataInAnExtensionIsNamed) {
  const ByteVector body = {1};
  Reader r{Bytes(body)};
  const auto result = require_done(r, cookie);
  ASSERT_EQ(refusal(result), ErrorCode::decode_error);
  EXPECT_EQ(result.error().detail, "cookie");
}

}  // namespace
}  // namespace bulla::tls
