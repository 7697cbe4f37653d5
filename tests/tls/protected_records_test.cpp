// Protected records and alerts as a peer with the keys could send them: RFC 9846 §5.2, §5.3, §5.4, §6.
#include "tls/connection_state.h"
#include "tls/core_between.h"
#include "tls/forge.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace bulla::tls;

/// A connected server and the client's keys.
struct Insider {
  std::shared_ptr<Forger> forger = std::make_shared<Forger>();
  Pair pair = made();
  uint64_t sequence = 0;

  std::optional<Error> says_to(ContentType type, std::vector<uint8_t> content) {
    return says(forger->record("CLIENT_TRAFFIC_SECRET_0",
                               {.sequence = sequence++, .type = type, .content = std::move(content)}));
  }
  std::optional<Error> says(std::vector<uint8_t> wire) {
    pair.server.input = std::move(wire);
    pair.server.run(test_now);
    return pair.server.error;
  }

 private:
  Pair made() {
    ClientOptions c = client_options();
    c.common.tap = forger;
    Pair p = make_pair(c, server_options());
    p.run();
    EXPECT_TRUE(p.both_done()) << p.errors();
    return p;
  }
};

ErrorCode refused(ContentType type, std::vector<uint8_t> content) {
  const auto error = Insider().says_to(type, std::move(content));
  EXPECT_TRUE(error);
  return error ? error->code : ErrorCode::internal;
}

std::vector<uint8_t> zeros(size_t n) {
  return std::vector<uint8_t>(n);
}

// RFC 9846 §5.2: at most 2^14 + 256 bytes on the wire, and 2^14 of plaintext inside.
TEST(ProtectedRecord, NoLongerThanAllowed) {
  EXPECT_EQ(Insider().says({23, 3, 3, 0x41, 0x01})->code, ErrorCode::record_overflow);
  EXPECT_EQ(Insider().says({23, 3, 3, 0x41, 0x00}), std::nullopt);  // the rest may still come
  const std::vector<uint8_t> full(1 << 14, 'x'), longer((1 << 14) + 1, 'x');
  Insider honest;
  EXPECT_EQ(honest.says_to(ContentType::application_data, full), std::nullopt);
  EXPECT_EQ(honest.pair.server.received.size(), full.size());
  EXPECT_EQ(refused(ContentType::application_data, longer), ErrorCode::record_overflow);
}

// RFC 9846 §5.4: TLSInnerPlaintext has at most 2^14 + 1 bytes, padding included; padding alone is nothing.
TEST(ProtectedRecord, PaddingCountsAndIsNotEnough) {
  EXPECT_EQ(refused(ContentType::invalid, zeros(10)), ErrorCode::unexpected_record);
  EXPECT_EQ(refused(ContentType::invalid, zeros(0)), ErrorCode::unexpected_record);
  std::vector<uint8_t> padded = {'x', 23};
  padded.resize(1 << 14);
  Insider honest;
  EXPECT_EQ(honest.says_to(ContentType::invalid, padded), std::nullopt);
  EXPECT_EQ(honest.pair.server.text(), "x");
  padded.resize((1 << 14) + 1);
  EXPECT_EQ(refused(ContentType::invalid, padded), ErrorCode::record_overflow);
}

// RFC 9846 §5.4: no handshake or alert records without content, however much they are padded.
TEST(ProtectedRecord, EmptyHandshakeAndAlertRecords) {
  EXPECT_EQ(refused(ContentType::handshake, {}), ErrorCode::empty_handshake_record);
  EXPECT_EQ(refused(ContentType::alert, {}), ErrorCode::empty_handshake_record);
  EXPECT_EQ(refused(ContentType::invalid, {22, 0, 0, 0}), ErrorCode::empty_handshake_record);
}

// RFC 9846 §5: other types, inside or outside.
TEST(ProtectedRecord, OtherTypes) {
  EXPECT_EQ(refused(static_cast<ContentType>(24), {1}), ErrorCode::unexpected_record);
  EXPECT_EQ(Insider().says({22, 3, 3, 0, 1, 0})->code, ErrorCode::unexpected_record);
  EXPECT_EQ(Insider().says({21, 3, 3, 0, 2, 2, 0})->code, ErrorCode::unexpected_record);
}

// RFC 9846 §5.2, §5.3: whatever does not open is a bad_record_mac, and a record opens once and in its place.
TEST(ProtectedRecord, AlteredReplayedOrOutOfOrder) {
  Insider again;
  const auto record = again.forger->record("CLIENT_TRAFFIC_SECRET_0", {.content = {'x'}});
  EXPECT_EQ(again.says(record), std::nullopt);
  EXPECT_EQ(again.says(record)->code, ErrorCode::bad_record_mac);
  Insider early;
  EXPECT_EQ(
      early.says(early.forger->record("CLIENT_TRAFFIC_SECRET_0", {.sequence = 1, .content = {'x'}}))->code,
      ErrorCode::bad_record_mac);
  for (size_t i = 5; i < record.size(); ++i) {
    Insider altered;
    auto wire = altered.forger->record("CLIENT_TRAFFIC_SECRET_0", {.content = {'x'}});
    wire[i] ^= 1;
    const auto error = altered.says(wire);
    ASSERT_TRUE(error) << i;
    EXPECT_EQ(error->alert_to_send(), AlertDescription::bad_record_mac);
  }
  EXPECT_EQ(Insider().says({23, 3, 3, 0, 3, 1, 2, 3})->code,
            ErrorCode::bad_record_mac);  // shorter than a tag
}

// RFC 9846 §5.1: nothing between the parts of a handshake message.
TEST(ProtectedRecord, DataInTheMidstOfAMessage) {
  Insider insider;
  EXPECT_EQ(insider.says_to(ContentType::handshake, {24, 0}), std::nullopt);
  EXPECT_EQ(insider.says_to(ContentType::application_data, {'x'})->code, ErrorCode::interleaved_handshake);
}

// RFC 9846 §6: one alert to a record, two bytes, a level that exists; unknown ones are errors like any other.
TEST(Alerts, FormAndMeaning) {
  EXPECT_EQ(refused(ContentType::alert, {2}), ErrorCode::bad_alert);
  EXPECT_EQ(refused(ContentType::alert, {2, 40, 2}), ErrorCode::bad_alert);
  EXPECT_EQ(refused(ContentType::alert, {1, 0, 1, 0}), ErrorCode::bad_alert);
  EXPECT_EQ(refused(ContentType::alert, {3, 40}), ErrorCode::illegal_parameter);
  EXPECT_EQ(refused(ContentType::alert, {2, 40}), ErrorCode::peer_sent_alert);
  EXPECT_EQ(refused(ContentType::alert, {2, 200}), ErrorCode::peer_sent_alert);
  // An error alert ends the connection although it says "warning".
  EXPECT_EQ(refused(ContentType::alert, {1, 40}), ErrorCode::bad_alert);
  EXPECT_EQ(refused(ContentType::alert, {1, 200}), ErrorCode::bad_alert);
}

// RFC 9846 §6.1: what follows close_notify is ignored; user_canceled alone closes nothing.
TEST(Alerts, CloseNotifyEndsTheData) {
  Insider insider;
  EXPECT_EQ(insider.says_to(ContentType::alert, {1, 90}), std::nullopt);
  EXPECT_FALSE(insider.pair.server.closed);
  EXPECT_EQ(insider.says_to(ContentType::alert, {1, 0}), std::nullopt);
  EXPECT_TRUE(insider.pair.server.closed);
  EXPECT_EQ(insider.says_to(ContentType::application_data, {'x'}), std::nullopt);
  EXPECT_EQ(insider.says({1, 2, 3, 4, 5, 6, 7, 8}), std::nullopt);
  EXPECT_TRUE(insider.pair.server.received.empty());
  EXPECT_TRUE(std::holds_alternative<PeerClosed>(insider.pair.server.connection.end_of_input()));
  insider.pair.server.send("still open this way");
  insider.pair.run();
  EXPECT_EQ(insider.pair.client.text(), "still open this way");
}

// RFC 9846 §6.1: without close_notify data may be missing.
TEST(Alerts, AnEndWithoutCloseNotifyIsATruncation) {
  Insider insider;
  EXPECT_EQ(insider.says_to(ContentType::application_data, {'x'}), std::nullopt);
  EXPECT_TRUE(std::holds_alternative<Truncated>(insider.pair.server.connection.end_of_input()));
}

// RFC 9846 §6.2: nobody answers an alert with an alert.
TEST(Alerts, AreNotAnswered) {
  Insider insider;
  insider.pair.server.output.clear();
  ASSERT_TRUE(insider.says_to(ContentType::alert, {2, 40}));
  EXPECT_TRUE(insider.pair.server.output.empty());
}

// RFC 9846 §9.2: what a ClientHello must have.
TEST(MandatoryExtensions, MissingOnes) {
  const auto without = [](std::function<void(ClientHello&)> change) {
    return refusal(client_options(), server_options(), alter_hello(1, std::move(change)));
  };
  EXPECT_EQ(without([](ClientHello& h) { h.signature_algorithms.reset(); }), ErrorCode::missing_extension);
  EXPECT_EQ(without([](ClientHello& h) { h.supported_groups.reset(); }), ErrorCode::missing_extension);
  EXPECT_EQ(without([](ClientHello& h) { h.key_share.reset(); }), ErrorCode::missing_extension);
  // RFC 9846 §4.2.1: no overlap.
  static const Wire unknown = {0xaa, 0xaa};
  EXPECT_EQ(without([](ClientHello& h) {
              h.supported_groups = U16List<NamedGroup>(unknown);
              h.key_share->clear();
            }),
            ErrorCode::no_common_group);
  EXPECT_EQ(without([](ClientHello& h) { h.cipher_suites = U16List<CipherSuite>(unknown); }),
            ErrorCode::no_common_cipher_suite);
  // RFC 9846 §4.3.3: and nothing to sign with.
  EXPECT_EQ(without([](ClientHello& h) { h.signature_algorithms = U16List<SignatureScheme>(unknown); }),
            ErrorCode::no_common_signature_scheme);
  // RFC 9846 §4.2.2: legacy_compression_methods is one zero byte.
  static const uint8_t deflate[] = {1, 0};
  EXPECT_EQ(without([](ClientHello& h) { h.compression_methods = deflate; }), ErrorCode::no_null_compression);
}

// RFC 9846 §4.5.3: the Finished is of the hash's length and right, for both sides; §4: and in its order.
TEST(FinishedMessage, WrongShortLongOrTooEarly) {
  const auto altered = [](Toward which, std::function<void(Wire&)> change) {
    return refusal_of(client_options(), server_options(), [=](Toward toward, Wire& message) {
      if (toward == which && type_of(message) == HandshakeType::finished) change(message);
    });
  };
  for (const Toward side : {Toward::client, Toward::server}) {
    const auto wrong = altered(side, [](Wire& m) { m.back() ^= 1; });
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->code, ErrorCode::finished_mismatch);
    EXPECT_EQ(wrong->alert_to_send(), AlertDescription::decrypt_error);
    EXPECT_EQ(altered(side, [](Wire& m) { m.pop_back(), --m[3]; })->code, ErrorCode::finished_mismatch);
    EXPECT_EQ(altered(side, [](Wire& m) { m.push_back(0), ++m[3]; })->code, ErrorCode::finished_mismatch);
  }
  EXPECT_EQ(refusal(client_options(), server_options(),
                    [](Toward toward, Wire& message) {
                      if (toward != Toward::client || type_of(message) != HandshakeType::certificate_verify)
                        return;
                      message = {20, 0, 0, 32};
                      message.resize(36);
                    }),
            ErrorCode::unexpected_message);
}

}  // namespace
}  // namespace bulla::test
