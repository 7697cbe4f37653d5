// The versions that stand in hellos and records: RFC 9846 §4.2.2, §4.2.3, §4.3.1, §5.1, §E.5; RFC 7507.
#include "tls/core_between.h"
#include "tls/forge.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace bulla::tls;
using enum ProtocolVersion;

ClientOptions only(ProtocolVersion version) {
  ClientOptions options = client_options();
  options.common.versions = {version, version};
  return options;
}

/// What comes of a first ClientHello that says `legacy`.
std::optional<Error> with_legacy_version(ClientOptions client, uint16_t legacy) {
  return refusal_of(client, server_options(), alter_hello(1, [legacy](ClientHello& h) {
                      h.legacy_version = static_cast<ProtocolVersion>(legacy);
                    }));
}

// RFC 9846 §4.2.2 wants anything but 0x0303 refused; larger values are tolerated here (docs/conformance.md).
TEST(LegacyVersion, ATls13HelloBelow0x0303IsRefused) {
  for (const uint16_t legacy : std::initializer_list<uint16_t>{0x0000, 0x0200, 0x0300, 0x0301, 0x0302}) {
    const auto error = with_legacy_version(client_options(), legacy);
    ASSERT_TRUE(error) << legacy;
    EXPECT_EQ(error->code, ErrorCode::unsupported_version);
    EXPECT_EQ(error->alert_to_send(), AlertDescription::protocol_version);
  }
  // It goes through negotiation; the transcripts of the two sides differ, of course.
  EXPECT_EQ(with_legacy_version(client_options(), 0x0304)->code, ErrorCode::bad_handshake_signature);
}

// RFC 9846 §E.2: without supported_versions the field alone counts.
TEST(LegacyVersion, ATls12HelloBelow0x0303IsRefused) {
  EXPECT_EQ(with_legacy_version(only(tls12), 0x0302)->code, ErrorCode::unsupported_version);
  EXPECT_EQ(with_legacy_version(only(tls12), 0x0300)->code, ErrorCode::unsupported_version);
}

// RFC 9846 §4.2.3, §4.2.4: protocol_version, for ServerHello and HelloRetryRequest alike.
TEST(LegacyVersion, AServerHelloWithAnotherOneIsRefused) {
  const auto error = refusal_of(client_options(), server_options(),
                                alter_server_hello([](ServerHello& h) { h.legacy_version = tls13; }));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::illegal_parameter);
  EXPECT_EQ(error->alert_to_send(), AlertDescription::protocol_version);

  ServerOptions retrying = server_options();
  retrying.common.groups = {NamedGroup::secp384r1};
  const auto in_retry =
      refusal_of(client_options(), retrying, [](Toward toward, std::vector<uint8_t>& message) {
        if (toward == Toward::client && type_of(message) == HandshakeType::server_hello) message[5] = 2;
      });
  ASSERT_TRUE(in_retry);
  EXPECT_EQ(in_retry->alert_to_send(), AlertDescription::protocol_version);
}

// RFC 9846 §4.3.1: supported_versions alone counts, in whatever order it stands, unknown versions ignored.
TEST(SupportedVersions, DecideAlone) {
  const std::vector<uint8_t> mixed = {0x7f, 0x1c, 0x03, 0x03, 0x0a, 0x0a, 0x03, 0x04};
  const auto error = refusal_of(client_options(), server_options(), alter_hello(1, [&](ClientHello& h) {
                                  h.supported_versions = U16List<ProtocolVersion>(mixed);
                                }));
  EXPECT_EQ(error->code, ErrorCode::bad_handshake_signature);  // TLS 1.3 was chosen, and the change noticed
  const std::vector<uint8_t> none = {0x03, 0x02, 0x03, 0x01};
  EXPECT_EQ(refusal_of(client_options(), server_options(),
                       alter_hello(
                           1, [&](ClientHello& h) { h.supported_versions = U16List<ProtocolVersion>(none); }))
                ->code,
            ErrorCode::unsupported_version);
}

// RFC 7507 §3: a client that lists TLS 1.2 only and says that it fell back has not met our TLS 1.3.
TEST(FallbackScsv, CaughtWithSupportedVersionsToo) {
  const std::vector<uint8_t> suites = {0xc0, 0x2b, 0x56, 0x00}, versions = {0x03, 0x03};
  const auto fell_back = [&](bool extension, ServerOptions server) {
    return refusal(only(tls12), server, alter_hello(1, [&, extension](ClientHello& h) {
                     h.cipher_suites = U16List<CipherSuite>(suites);
                     if (extension) h.supported_versions = U16List<ProtocolVersion>(versions);
                   }));
  };
  EXPECT_EQ(fell_back(false, server_options()), ErrorCode::inappropriate_fallback);
  EXPECT_EQ(fell_back(true, server_options()), ErrorCode::inappropriate_fallback);
  ServerOptions old = server_options();
  old.common.versions = {tls12, tls12};
  EXPECT_NE(fell_back(true, old), ErrorCode::inappropriate_fallback);
}

// ------------------------------------------------------------------------------------------------ records

// RFC 9846 §5.1: in front of plaintext the version is ignored, but for what is no TLS at all.
TEST(RecordVersion, IgnoredInFrontOfPlaintext) {
  Pair pair = make_pair(client_options(), server_options());
  pair.wire = [](Toward, std::vector<uint8_t> bytes) {
    auto records = split_records(bytes);
    for (auto& record : records)
      if (record[0] != 23) record[2] = 0xff;
    return join_records(records);
  };
  pair.run();
  EXPECT_TRUE(pair.both_done()) << pair.errors();
}

// RFC 5246 §6.2.1: "{3, 3}"; RFC 9846 §E: it MAY be validated where records are protected.
TEST(RecordVersion, CheckedInFrontOfProtectedRecords) {
  for (const auto version : {tls12, tls13}) {
    Pair pair = make_pair(only(version), server_options());
    pair.run();
    ASSERT_TRUE(pair.both_done()) << pair.errors();
    pair.client.send("data");
    pair.wire = [](Toward, std::vector<uint8_t> bytes) {
      bytes[2] = 1;
      return bytes;
    };
    pair.run();
    ASSERT_TRUE(pair.server.error);
    EXPECT_EQ(pair.server.error->code, ErrorCode::bad_record_version);
    EXPECT_EQ(pair.server.error->alert_to_send(), AlertDescription::protocol_version);
  }
}

TEST(RecordVersion, WeSend0x0301OnceAnd0x0303Afterwards) {
  Pair pair = make_pair(client_options(), server_options());
  pair.run();
  const auto sent = split_records(pair.to_server);
  EXPECT_EQ(sent.front()[2], 1);
  for (size_t i = 1; i < sent.size(); ++i) EXPECT_EQ(sent[i][2], 3);
  for (const auto& record : split_records(pair.to_client)) EXPECT_EQ(record[2], 3);
}

}  // namespace
}  // namespace bulla::test
