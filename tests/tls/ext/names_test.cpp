// server_name, ALPN, certificate_authorities, status_request.
#include "tls/ext/names.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;

/// Whether `decode` reads the bytes to their end.
template <class Decode>
bool accepts(const char* hex, Decode decode) {
  const ByteVector body = from_hex(hex);
  Reader r{Bytes(body)};
  (void)decode(r);
  return r.done();
}
bool server_name_ok(const char* hex) {
  return accepts(hex, decode_server_name);
}
bool alpn_ok(const char* hex) {
  return accepts(hex, decode_alpn);
}
bool authorities_ok(const char* hex, size_t min = 3) {
  return accepts(hex, [&](Reader& r) { return decode_authorities(r, min); });
}
bool status_request_ok(const char* hex) {
  return accepts(hex, decode_status_request);
}
bool status_ok(const char* hex) {
  return accepts(hex, decode_certificate_status);
}

TEST(ServerName, Rfc6066_3_OneHostName) {
  const ByteVector body = from_hex("0009000006736572766572");
  Reader r{Bytes(body)};
  EXPECT_EQ(as_text(decode_server_name(r)), "server");
  EXPECT_TRUE(r.done());
  ByteVector out;
  Writer w(out);
  encode_server_name(w, as_bytes("server"));
  EXPECT_EQ(out, body);
}

TEST(ServerName, Rfc6066_3_MalformedListsAreRefused) {
  EXPECT_FALSE(server_name_ok(""));
  EXPECT_FALSE(server_name_ok("0000"));              // no name
  EXPECT_FALSE(server_name_ok("0003000000"));        // an empty name
  EXPECT_FALSE(server_name_ok("0005000002610062"));  // trailing data
  EXPECT_FALSE(server_name_ok("00060000036100"));    // cut
  EXPECT_FALSE(server_name_ok("000500000361"));      // a length past the end
  EXPECT_FALSE(
      server_name_ok("00050000026161"
                     "00"));  // a byte behind the list
}

TEST(ServerName, Rfc6066_3_TwoNamesAreRefused) {
  EXPECT_FALSE(
      server_name_ok("000800000161"
                     "00000162"));
}

TEST(ServerName, Rfc6066_3_OtherNameTypesAreRefused) {
  EXPECT_FALSE(server_name_ok("000401000161"));
  EXPECT_FALSE(
      server_name_ok("000800000161"
                     "01000162"));
}

TEST(ServerName, ANulInTheNameIsRefused) {
  EXPECT_FALSE(server_name_ok("0006000003610062"));
  EXPECT_FALSE(server_name_ok("000400000100"));
}

TEST(Alpn, Rfc7301_3_1_NamesInOrder) {
  const ByteVector body = from_hex("000c02683208687474702f312e31");
  Reader r{Bytes(body)};
  const auto names = decode_alpn(r);
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(as_text(names[0]), "h2");
  EXPECT_EQ(as_text(names[1]), "http/1.1");
  ByteVector out;
  Writer w(out);
  encode_alpn(w, names);
  EXPECT_EQ(out, body);
}

TEST(Alpn, Rfc7301_3_1_NamesOf1To255Bytes) {
  const ByteVector body = prefixed(2, prefixed(1, filled(255)));
  Reader r{Bytes(body)};
  EXPECT_EQ(decode_alpn(r).front().size(), 255u);
  EXPECT_TRUE(alpn_ok("00020161"));
  EXPECT_FALSE(alpn_ok("000100"));
  EXPECT_FALSE(alpn_ok("0003016100"));
  EXPECT_FALSE(alpn_ok("0003000161"));
}

TEST(Alpn, Rfc7301_3_1_MalformedListsAreRefused) {
  EXPECT_FALSE(alpn_ok(""));
  EXPECT_FALSE(alpn_ok("0000"));
  EXPECT_FALSE(alpn_ok("0004026832"));
  EXPECT_FALSE(
      alpn_ok("0003026832"
              "00"));
  EXPECT_FALSE(alpn_ok("0003036832"));
}

TEST(Alpn, Rfc7301_3_1_TheServerSelectsExactlyOne) {
  const ByteVector one = from_hex("0003026832"), two = from_hex("000c02683208687474702f312e31"),
                   none = from_hex("0000");
  Reader r1{Bytes(one)}, r2{Bytes(two)}, r0{Bytes(none)};
  EXPECT_EQ(as_text(decode_selected_alpn(r1).value()), "h2");
  EXPECT_EQ(refusal(decode_selected_alpn(r2)), ErrorCode::alpn_not_offered);
  EXPECT_EQ(refusal(decode_selected_alpn(r0)), ErrorCode::decode_error);
}

TEST(Authorities, Section4_3_4_ListOfNames) {
  const ByteVector body = from_hex(
      "0007000161"
      "00026263");
  Reader r{Bytes(body)};
  const auto names = decode_authorities(r);
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(as_text(names[1]), "bc");
  ByteVector out;
  Writer w(out);
  encode_authorities(w, names);
  EXPECT_EQ(out, body);
}

TEST(Authorities, Section4_3_4_EmptyAndMalformedListsAreRefused) {
  EXPECT_TRUE(authorities_ok("0003000161"));
  EXPECT_FALSE(authorities_ok("0000"));
  EXPECT_TRUE(authorities_ok("0000", 0));  // RFC 5246 §7.4.4
  for (const size_t min : std::initializer_list<size_t>{0, 3}) {
    EXPECT_FALSE(authorities_ok("", min));
    EXPECT_FALSE(authorities_ok("00020000", min));
    EXPECT_FALSE(authorities_ok("0003000261", min));
    EXPECT_FALSE(
        authorities_ok("000500016100"
                       "00",
                       min));
    EXPECT_FALSE(authorities_ok("000300016100", min));
    EXPECT_FALSE(authorities_ok("0004000161", min));
  }
}

TEST(StatusRequest, Rfc6066_8_OcspIsAskedFor) {
  const ByteVector body = from_hex("0100000000");
  Reader r{Bytes(body)};
  EXPECT_TRUE(decode_status_request(r));
  EXPECT_TRUE(r.done());
  ByteVector out;
  Writer w(out);
  encode_status_request(w);
  EXPECT_EQ(out, body);
  EXPECT_TRUE(
      status_request_ok("010003000161"
                        "000162"));
}

TEST(StatusRequest, Rfc6066_8_OtherTypesAreIgnored) {
  for (const char* hex : {"02", "00ffff", "ff00"}) {
    const ByteVector body = from_hex(hex);
    Reader r{Bytes(body)};
    EXPECT_FALSE(decode_status_request(r)) << hex;
    EXPECT_TRUE(r.done()) << hex;
  }
}

TEST(StatusRequest, Rfc6066_8_MalformedRequestsAreRefused) {
  EXPECT_TRUE(status_request_ok("010000000161"));
  for (const char* hex : {"", "01", "0100", "010000", "01000000", "010000000000", "0100000002aa",
                          "01000200000000", "0100030002610000", "010001000000"})
    EXPECT_FALSE(status_request_ok(hex)) << hex;
}

TEST(CertificateStatusField, Rfc6066_8_OnlyOcspAndNeverEmpty) {
  EXPECT_TRUE(status_ok("0100000161"));
  for (const char* hex :
       {"", "01", "010000", "01000000", "0200000161", "0000000161", "0100000261", "010000016161"})
    EXPECT_FALSE(status_ok(hex)) << hex;
  ByteVector out;
  Writer w(out);
  encode_certificate_status(w, as_bytes("a"));
  EXPECT_EQ(to_hex(out), "0100000161");
}

}  // namespace
}  // namespace bulla::tls
