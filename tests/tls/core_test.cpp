// The handshake core without a record layer: two cores, joined by drivers that only carry messages and keys.
#include "tls/core.h"
#include "tls/pair.h"

#include <gtest/gtest.h>

#include <deque>

namespace bulla::test {
namespace {

using namespace bulla::tls;

/// Carries messages with their levels, as QUIC's CRYPTO frames would.
struct MessageDriver : Driver {
  void send(EncryptionLevel level, Bytes message) override { sent.push_back({level, to_vector(message)}); }
  void send_change_cipher_spec() override { sent.push_back({EncryptionLevel::initial, {}}); }
  Result<void> read_with(EncryptionLevel level, ReadKeys keys) override {
    reads[level] = to_hex(keys.secret.reveal());
    return {};
  }
  void write_with(EncryptionLevel level, WriteKeys keys) override {
    writes[level] = to_hex(keys.secret.reveal());
  }

  struct Message {
    EncryptionLevel level;
    std::vector<uint8_t> bytes;  ///< empty: change_cipher_spec
  };
  std::deque<Message> sent;
  std::map<EncryptionLevel, std::string> reads, writes;
};

class CoreAlone : public testing::TestWithParam<ProtocolVersion> {};
INSTANTIATE_TEST_SUITE_P(All, CoreAlone, testing::Values(ProtocolVersion::tls12, ProtocolVersion::tls13));

TEST_P(CoreAlone, CompletesWithNoRecordLayer) {
  ClientOptions c = client_options();
  c.common.versions = {GetParam(), GetParam()};
  c.common.middlebox_compatibility = MiddleboxCompatibility::off;
  const auto client_config = make_client_config(c).value();
  const auto server_config = make_server_config(server_options()).value();
  MessageDriver client_driver, server_driver;
  ConnectionInfo client_info, server_info;
  const auto client =
      make_client_core(*client_config, ServerName::parse("localhost").value(), client_driver, client_info);
  const auto server = make_server_core(*server_config, server_driver, server_info);
  client->start(test_now).value();
  while (!client_driver.sent.empty() || !server_driver.sent.empty()) {
    const bool up = !client_driver.sent.empty();
    auto& queue = (up ? client_driver : server_driver).sent;
    HandshakeCore& to = up ? *server : *client;
    const auto message = queue.front();
    queue.pop_front();
    const auto taken = message.bytes.empty() ? to.receive_change_cipher_spec(test_now)
                                             : to.receive(message.level, message.bytes, test_now);
    ASSERT_TRUE(taken) << taken.error().explain();
  }
  ASSERT_TRUE(client->connected());
  ASSERT_TRUE(server->connected());
  EXPECT_EQ(client_info.version, GetParam());
  EXPECT_EQ(client_driver.reads, server_driver.writes);
  EXPECT_EQ(client_driver.writes, server_driver.reads);
  const size_t levels = GetParam() == ProtocolVersion::tls13 ? 2 : 1;
  EXPECT_EQ(client_driver.reads.size(), levels);
  EXPECT_TRUE(equal_vartime(client->connected()->exporter.reveal(), server->connected()->exporter.reveal()));
}

// RFC 9846 §4, §A.2: a message that a state has no arrow for is an unexpected_message.
TEST(CoreRefuses, MessagesThatTheStateHasNoHandlerFor) {
  const auto config = make_server_config(server_options()).value();
  MessageDriver driver;
  ConnectionInfo info;
  const auto server = make_server_core(*config, driver, info);
  const uint8_t finished[] = {20, 0, 0, 1, 0};
  EXPECT_EQ(server->receive(EncryptionLevel::initial, finished, test_now).error().code,
            ErrorCode::unexpected_message);
  EXPECT_EQ(server->receive_change_cipher_spec(test_now).error().code,
            ErrorCode::unexpected_change_cipher_spec);
  EXPECT_EQ(server->state(), "START");
}

}  // namespace
}  // namespace bulla::test
