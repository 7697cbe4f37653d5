// ClientHello, RFC 9846 §4.2.2.
#include "tls/msg/client_hello.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;
using enum ExtensionType;

const ByteVector up_to_session_id = joined({{3, 3}, filled(32)});
const ByteVector up_to_extensions = joined({up_to_session_id, {0}, from_hex("000213010100")});

/// A hello whose fields are small and good, with these extensions.
ByteVector hello_with(const ByteVector& extensions) {
  return joined({up_to_extensions, prefixed(2, extensions)});
}
ByteVector hello_with(ExtensionType type, std::string_view hex) {
  return hello_with(extension(type, from_hex(hex)));
}

Result<ClientHello> decode(Bytes body) {
  return ClientHello::decode(body);
}
std::optional<ErrorCode> refused(const ByteVector& body) {
  return refusal(ClientHello::decode(body));
}

// RFC 8448 §3: the ClientHello of the simple 1-RTT handshake, from its session id on.
const ByteVector rfc8448_3 = from_hex(
    "0303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302010000910000000b00"
    "090000"
    "06736572766572ff01000100000a00140012001d0017001800190100010101020103010400230000003300260024001d00209938"
    "1de560"
    "e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e040305030603020308040805"
    "080604"
    "010501060102010402050206020202002d00020101001c00024001");

TEST(ClientHello, Rfc8448_3_Decodes) {
  const auto hello = ClientHello::decode(rfc8448_3);
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->legacy_version, ProtocolVersion::tls12);
  EXPECT_EQ(hello->random.size(), 32u);
  EXPECT_TRUE(hello->session_id.empty());
  EXPECT_EQ(hello->cipher_suites.size(), 3u);
  EXPECT_TRUE(hello->cipher_suites.contains(CipherSuite::chacha20_poly1305_sha256));
  EXPECT_EQ(to_hex(hello->compression_methods), "00");
  EXPECT_EQ(as_text(*hello->server_name), "server");
  EXPECT_TRUE(hello->renegotiation_info->empty());
  EXPECT_EQ(hello->supported_groups->size(), 9u);
  EXPECT_TRUE(hello->session_ticket->empty());
  ASSERT_EQ(hello->key_share->size(), 1u);
  EXPECT_EQ(hello->key_share->front().group, NamedGroup::x25519);
  EXPECT_TRUE(hello->supported_versions->contains(ProtocolVersion::tls13));
  EXPECT_EQ(hello->signature_algorithms->size(), 15u);
  EXPECT_EQ(to_hex(*hello->psk_modes), "01");
  ASSERT_EQ(hello->others.size(), 1u);  // record_size_limit
  EXPECT_EQ(hello->others[0].type, ExtensionType{28});
}

TEST(ClientHello, Rfc8448_3_EncodesInItsOwnOrder) {
  const auto hello = ClientHello::decode(rfc8448_3);
  ASSERT_TRUE(hello.ok());
  const ExtensionType order[] = {
      server_name,        renegotiation_info,   supported_groups,       session_ticket,   key_share,
      supported_versions, signature_algorithms, psk_key_exchange_modes, ExtensionType{28}};
  ByteVector out;
  Writer w(out);
  hello->encode(w, order);
  EXPECT_EQ(to_hex(out), to_hex(rfc8448_3));
}

/// Every extension that has a field, each with the smallest good body, in the order in which encode() writes.
const std::vector<std::pair<ExtensionType, std::string_view>> smallest = {
    {server_name,
     "0004000001"
     "61"},
    {status_request, "0100000000"},
    {supported_groups, "0002001d"},
    {ec_point_formats, "0100"},
    {signature_algorithms, "00020403"},
    {signature_algorithms_cert, "00020804"},
    {application_layer_protocol_negotiation, "00020161"},
    {extended_master_secret, ""},
    {session_ticket, "aabb"},
    {renegotiation_info, "00"},
    {supported_versions, "020304"},
    {cookie, "0001cc"},
    {psk_key_exchange_modes, "0101"},
    {certificate_authorities, "0003000161"},
    {post_handshake_auth, ""},
    {early_data, ""},
    {key_share, "0005001d0001dd"},
};

ByteVector psk_body(size_t identities, size_t binders) {
  ByteVector ids, macs;
  for (size_t i = 0; i < identities; ++i) ids = joined({ids, from_hex("0001ee00000001")});
  for (size_t i = 0; i < binders; ++i) macs = joined({macs, prefixed(1, filled(32))});
  return joined({prefixed(2, ids), prefixed(2, macs)});
}

ByteVector hello_with_everything() {
  ByteVector extensions;
  for (const auto& [type, hex] : smallest) extensions = joined({extensions, extension(type, from_hex(hex))});
  extensions = joined({extensions, extension(0x0a0a), extension(padding, filled(3, 0)),
                       extension(0x1a1a, {0}), extension(pre_shared_key, psk_body(2, 2))});
  return hello_with(extensions);
}

TEST(ClientHello, DecodeOfEncodeIsTheSame) {
  // RFC 9846 §4.2.2: without extensions the message may end behind the compression methods.
  check_codec(hello_with_everything(), decode, {up_to_extensions.size()});
  check_codec(up_to_extensions, decode);
  for (const auto& [type, hex] : smallest)
    check_codec(hello_with(type, hex), decode, {up_to_extensions.size()});
}

TEST(ClientHello, ExtensionTypesAreThoseThatAreWritten) {
  const ByteVector body = hello_with_everything();
  const auto hello = ClientHello::decode(body);
  ASSERT_TRUE(hello.ok());
  std::vector<ExtensionType> expected;
  for (const auto& [type, hex] : smallest) expected.push_back(type);
  for (const auto type : {ExtensionType{0x0a0a}, padding, ExtensionType{0x1a1a}, pre_shared_key})
    expected.push_back(type);
  EXPECT_EQ(hello->extension_types(), expected);
}

TEST(ClientHello, Section4_3_11_EncodeWritesPreSharedKeyLastWhateverTheOrderSays) {
  const ByteVector body = hello_with_everything();
  const auto hello = ClientHello::decode(body);
  ASSERT_TRUE(hello.ok());
  const ExtensionType order[] = {pre_shared_key, ExtensionType{0x1a1a}, key_share, ExtensionType{0x7777},
                                 key_share};
  ByteVector out;
  Writer w(out);
  hello->encode(w, order);
  Reader r{Bytes(out).subspan(up_to_extensions.size())};
  const auto extensions = read_extensions(r, Carrier::ch);
  ASSERT_TRUE(extensions.ok());
  ASSERT_EQ(extensions->size(), smallest.size() + 4);
  EXPECT_EQ((*extensions)[0].type, ExtensionType{0x1a1a});
  EXPECT_EQ((*extensions)[1].type, key_share);
  EXPECT_EQ((*extensions)[2].type, server_name);
  EXPECT_EQ(extensions->back().type, pre_shared_key);
  EXPECT_EQ(out.size(), body.size());
}

TEST(ClientHello, WithItsHeader) {
  const auto hello = ClientHello::decode(rfc8448_3);
  ASSERT_TRUE(hello.ok());
  const ByteVector whole = encode_client_hello(*hello);
  EXPECT_EQ(whole, encode_message(*hello));
  const HandshakeMessage message = view_message(whole);
  EXPECT_EQ(message.type, HandshakeType::client_hello);
  EXPECT_EQ(message.body.size(), rfc8448_3.size());
  EXPECT_EQ(to_hex(Bytes(whole).first(4)), "010000c0");
}

TEST(ClientHello, Section4_2_2_SessionIdHasAtMost32Bytes) {
  const ByteVector rest = from_hex("000213010100");
  check_codec(joined({up_to_session_id, prefixed(1, filled(32)), rest}), decode);
  EXPECT_EQ(refused(joined({up_to_session_id, prefixed(1, filled(33)), rest})), ErrorCode::decode_error);
}

TEST(ClientHello, Section4_2_2_CipherSuitesAreNeitherNoneNorOdd) {
  for (const char* suites : {"0000", "000113", "0003130113"})
    EXPECT_EQ(refused(joined({up_to_session_id, {0}, from_hex(suites), from_hex("0100")})),
              ErrorCode::decode_error);
  const ByteVector most = prefixed(2, filled(0xfffe));
  check_codec(joined({up_to_session_id, {0}, prefixed(2, filled(1000)), from_hex("0100")}), decode);
  EXPECT_TRUE(ClientHello::decode(joined({up_to_session_id, {0}, most, from_hex("0100")})).ok());
}

TEST(ClientHello, Section4_2_2_CompressionMethodsAreNotEmpty) {
  EXPECT_EQ(refused(joined({up_to_session_id, {0}, from_hex("00021301"), {0}})), ErrorCode::decode_error);
  // Which methods they are is for the handshake to judge.
  check_codec(joined({up_to_session_id,
                      {0},
                      from_hex("00021301"
                               "020140")}),
              decode);
}

TEST(ClientHello, Section4_2_2_AnyLegacyVersionIsDecoded) {
  for (const uint8_t minor : ByteVector{0, 1, 4, 0xff}) {
    ByteVector body = up_to_extensions;
    body[1] = minor;
    check_codec(body, decode);
  }
}

TEST(ClientHello, Section4_2_2_DataBehindTheExtensionsIsRefused) {
  EXPECT_EQ(refused(joined({hello_with({}), {0}})), ErrorCode::decode_error);
  EXPECT_EQ(refused(joined({hello_with({}), extension(padding)})), ErrorCode::decode_error);
  EXPECT_EQ(refused(joined({up_to_extensions, {0}})), ErrorCode::decode_error);
}

TEST(ClientHello, Section4_2_2_AnEmptyBlockOfExtensionsIsTolerated) {
  EXPECT_EQ(refused(hello_with({})), std::nullopt);
}

TEST(ClientHello, Section4_2_2_UnrecognizedExtensionsAreKeptAside) {
  const ByteVector body =
      hello_with(joined({extension(0x8a8a, {1, 2, 3}), extension(0xfafa), extension(13172)}));
  const auto hello = ClientHello::decode(body);
  ASSERT_TRUE(hello.ok());
  ASSERT_EQ(hello->others.size(), 3u);
  EXPECT_EQ(to_hex(hello->others[0].body), "010203");
}

TEST(ClientHello, Rfc8701_GreaseIsToleratedInEveryList) {
  const ByteVector extensions = joined({extension(0x0a0a),
                                        extension(supported_groups, from_hex("0004"
                                                                             "baba"
                                                                             "001d")),
                                        extension(signature_algorithms, from_hex("0004"
                                                                                 "3a3a"
                                                                                 "0403")),
                                        extension(application_layer_protocol_negotiation, from_hex("0006"
                                                                                                   "020a0a"
                                                                                                   "026832")),
                                        extension(supported_versions, from_hex("04"
                                                                               "dada"
                                                                               "0304")),
                                        extension(psk_key_exchange_modes, from_hex("02"
                                                                                   "0b01")),
                                        extension(key_share, from_hex("000a"
                                                                      "baba000100"
                                                                      "001d000155")),
                                        extension(0xfafa, {0})});
  const ByteVector body = joined({up_to_session_id,
                                  {0},
                                  from_hex("0004"
                                           "1a1a"
                                           "1301"
                                           "0100"),
                                  prefixed(2, extensions)});
  const auto hello = ClientHello::decode(body);
  ASSERT_TRUE(hello.ok()) << hello.error().explain();
  EXPECT_EQ(hello->others.size(), 2u);
  EXPECT_EQ(hello->key_share->front().group, NamedGroup{0xbaba});
}

struct BadBody {
  ExtensionType type;
  std::string_view hex;
};

TEST(ClientHello, Section4_3_MalformedBodiesAreDecodeErrors) {
  const BadBody bad[] = {
      {server_name, ""},
      {server_name, "0000"},
      {server_name, "000400000100"},
      {server_name, "000400000161ff"},
      {status_request, ""},
      {status_request, "01000000"},
      {supported_groups, ""},
      {supported_groups, "0000"},
      {supported_groups, "0001aa"},
      {supported_groups, "0003001d00"},
      {supported_groups, "0002001d00"},
      {supported_groups, "0004001d"},
      {ec_point_formats, ""},
      {ec_point_formats, "00"},
      {ec_point_formats, "010000"},
      {signature_algorithms, ""},
      {signature_algorithms, "0000"},
      {signature_algorithms, "0003040300"},
      {signature_algorithms, "0002040300"},
      {signature_algorithms_cert, "0000"},
      {signature_algorithms_cert, "0003040300"},
      {application_layer_protocol_negotiation, "0000"},
      {application_layer_protocol_negotiation, "000100"},
      {extended_master_secret, "00"},
      {supported_versions, ""},
      {supported_versions, "00"},
      {supported_versions, "0103"},
      {supported_versions, "03030403"},
      {supported_versions, "02030400"},
      {supported_versions, "0304"},  // the form of a ServerHello
      {cookie, ""},
      {cookie, "0000"},
      {cookie, "0001cc00"},
      {psk_key_exchange_modes, ""},
      {psk_key_exchange_modes, "00"},
      {psk_key_exchange_modes, "010100"},
      {certificate_authorities, "0000"},
      {certificate_authorities, "00020000"},
      {post_handshake_auth, "00"},
      {early_data, "00"},
      {early_data, "00004000"},  // the form of a NewSessionTicket
      {key_share, ""},
      {key_share, "0004001d0000"},
      {key_share, "001d"},  // the form of a HelloRetryRequest
      {key_share, "000000"},
      {renegotiation_info, ""},
      {renegotiation_info, "0000"},
      {renegotiation_info, "01"},
      {pre_shared_key, ""},
      {pre_shared_key, "0000"},  // the form of a ServerHello
  };
  for (const BadBody& one : bad) {
    const ByteVector body = hello_with(one.type, one.hex);
    const auto result = ClientHello::decode(body);
    ASSERT_EQ(refusal(result), ErrorCode::decode_error) << name_of(one.type) << ' ' << one.hex;
    EXPECT_EQ(result.error().detail, name_of(one.type));
  }
}

TEST(ClientHello, Section4_3_1_SupportedVersionsHasAtMost254Bytes) {
  EXPECT_EQ(refused(hello_with(extension(supported_versions, prefixed(1, filled(254))))), std::nullopt);
  EXPECT_EQ(refused(hello_with(extension(supported_versions, prefixed(1, filled(255))))),
            ErrorCode::decode_error);
}

TEST(ClientHello, Section4_3_DuplicateExtensionIsRefused) {
  for (const auto& [type, hex] : smallest) {
    const ByteVector once = extension(type, from_hex(hex));
    EXPECT_EQ(refused(hello_with(joined({once, extension(0x0a0a), once}))), ErrorCode::duplicate_extension);
  }
  EXPECT_EQ(refused(hello_with(joined({extension(0x0a0a), extension(0x0a0a)}))),
            ErrorCode::duplicate_extension);
}

TEST(ClientHello, Section4_3_OidFiltersIsMisplaced) {
  EXPECT_EQ(refused(hello_with(extension(oid_filters))), ErrorCode::misplaced_extension);
}

TEST(ClientHello, Section4_3_11_PreSharedKeyMustBeLast) {
  const ByteVector psk = extension(pre_shared_key, psk_body(1, 1));
  EXPECT_EQ(refused(hello_with(psk)), std::nullopt);
  EXPECT_EQ(refused(hello_with(joined({extension(early_data), psk}))), std::nullopt);
  for (const ByteVector& behind : {extension(early_data), extension(0x0a0a), extension(padding)}) {
    const ByteVector body = hello_with(joined({psk, behind}));
    EXPECT_EQ(refused(body), ErrorCode::psk_not_last);
    EXPECT_EQ(alert(ClientHello::decode(body)), AlertDescription::illegal_parameter);
  }
}

TEST(ClientHello, Section4_3_11_OneBinderForEachIdentity) {
  EXPECT_EQ(refused(hello_with(extension(pre_shared_key, psk_body(3, 3)))), std::nullopt);
  for (const auto& [identities, binders] : {std::pair{1, 2}, {2, 1}, {3, 2}, {2, 3}}) {
    const ByteVector body = hello_with(
        extension(pre_shared_key, psk_body(static_cast<size_t>(identities), static_cast<size_t>(binders))));
    EXPECT_EQ(refused(body), ErrorCode::psk_binder_count);
    EXPECT_EQ(alert(ClientHello::decode(body)), AlertDescription::illegal_parameter);
  }
}

TEST(ClientHello, Section4_3_11_2_TheBindersStandAtTheEnd) {
  const ByteVector body = hello_with_everything();
  const auto hello = ClientHello::decode(body);
  ASSERT_TRUE(hello.ok());
  const size_t at = body.size() - hello->pre_shared_key->binders_size;
  EXPECT_EQ(to_hex(Bytes(body).subspan(at, 3)), "004220");
}

TEST(ClientHello, Section4_3_8_TwoSharesOfOneGroupAreRefused) {
  const ByteVector body = hello_with(key_share,
                                     "0014001d000101"
                                     "0017000102"
                                     "001d000103"
                                     "0018000104");
  EXPECT_EQ(refused(body), ErrorCode::duplicate_key_share);
  EXPECT_EQ(alert(ClientHello::decode(body)), AlertDescription::illegal_parameter);
}

TEST(ClientHello, Section4_3_8_AShareOutsideSupportedGroupsIsForTheNegotiation) {
  EXPECT_EQ(refused(hello_with(joined({extension(supported_groups, from_hex("00020017")),
                                       extension(key_share, from_hex("0005001d000101"))}))),
            std::nullopt);
}

}  // namespace
}  // namespace bulla::tls
