// Record protection in other hands (kTLS): which keys go out, when, and that none goes out twice.
#include "tls/pair.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

constexpr uint8_t close_notify[] = {1, 0};
constexpr uint8_t key_update[] = {24, 0, 0, 1, 0}, key_update_requested[] = {24, 0, 0, 1, 1};

/// Both sides over a connection that carried one record of data, with the client's keys handed out.
struct InKernel {
  explicit InKernel(ProtocolVersion version = ProtocolVersion::tls13) : pair(made(version)) {
    pair.run();
    pair.client.send("one");
    pair.run();
    EXPECT_TRUE(pair.both_done()) << pair.errors();
    keys = client().hand_to_kernel().value();
  }

  static Pair made(ProtocolVersion version) {
    ClientOptions options = client_options();
    options.common.versions = {version, version};
    return make_pair(options, server_options());
  }
  Connection& client() { return pair.client.connection; }
  Event record(ContentType type, Bytes content) {
    return client().kernel_record(type, content, out, test_now);
  }
  /// What the client left in `out` for the kernel to protect.
  std::string left() {
    const std::string hex = to_hex(out.pending());
    out.clear();
    return hex;
  }

  Pair pair;
  Output out;
  Connection::KernelKeys keys;
};

void expect_refused(const Event& event) {
  const auto* failed = std::get_if<Failed>(&event);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->error.code, ErrorCode::bad_argument) << failed->error.explain();
}

TEST(Kernel, BothSidesHandOutTheSameKeys) {
  for (const ProtocolVersion version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    InKernel test(version);
    const auto server = test.pair.server.connection.hand_to_kernel().value();
    ASSERT_TRUE(test.keys.send && server.receive);
    EXPECT_TRUE(equal_vartime(server.receive.value().key.reveal(), test.keys.send.value().key.reveal()));
    EXPECT_EQ(server.receive.value().iv, test.keys.send.value().iv);
    EXPECT_EQ(server.receive.value().sequence, test.keys.send.value().sequence);
    EXPECT_EQ(test.keys.send.value().sequence,
              version == ProtocolVersion::tls13 ? 1u : 2u);  // Finished is 0 in 1.2
  }
}

TEST(Kernel, ControlRecordsComeBack) {
  InKernel test;
  EXPECT_TRUE(std::holds_alternative<PeerClosed>(test.record(ContentType::alert, close_notify)));
}

// A second start at a sequence number that the kernel has used would repeat its nonces (RFC 9846 §5.3).
TEST(Kernel, NoKeysGoOutTwice) {
  for (const ProtocolVersion version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    InKernel test(version);
    const auto again = test.client().hand_to_kernel().value();
    EXPECT_FALSE(again.send);
    EXPECT_FALSE(again.receive);
  }
}

// RFC 9846 §4.7.3: a KeyUpdate of the peer changes the keys of one direction alone.
TEST(Kernel, AKeyUpdateOfThePeerChangesItsKeysAlone) {
  InKernel test;
  EXPECT_TRUE(std::holds_alternative<NeedInput>(test.record(ContentType::handshake, key_update)));
  EXPECT_EQ(test.left(), "");
  const auto next = test.client().hand_to_kernel().value();
  EXPECT_FALSE(next.send) << "they are in use, at a sequence number that only the kernel knows";
  ASSERT_TRUE(next.receive);
  EXPECT_EQ(next.receive.value().sequence, 0u);
  EXPECT_FALSE(equal_vartime(next.receive.value().key.reveal(), test.keys.receive.value().key.reveal()));

  test.pair.server.connection.update_keys(KeyUpdateRequest::update_not_requested, test.pair.server.output)
      .value();
  const auto server = test.pair.server.connection.hand_to_kernel().value();
  EXPECT_TRUE(equal_vartime(next.receive.value().key.reveal(), server.send.value().key.reveal()));
}

TEST(Kernel, AKeyUpdateThatIsRequestedIsWrittenInTheClearAndChangesBoth) {
  InKernel test;
  EXPECT_TRUE(std::holds_alternative<NeedInput>(test.record(ContentType::handshake, key_update_requested)));
  EXPECT_EQ(test.left(), "1603030005" + to_hex(key_update));
  const auto next = test.client().hand_to_kernel().value();
  ASSERT_TRUE(next.send && next.receive);
  EXPECT_EQ(next.send.value().sequence, 0u);
  EXPECT_FALSE(equal_vartime(next.send.value().key.reveal(), test.keys.send.value().key.reveal()));
  EXPECT_TRUE(test.client().send(as_bytes("x"), test.out));
  EXPECT_EQ(test.left(), "170303000178");
}

TEST(Kernel, AKeyUpdateOfOursChangesOurKeysAlone) {
  InKernel test;
  test.client().update_keys(KeyUpdateRequest::update_requested, test.out).value();
  EXPECT_EQ(test.left(), "1603030005" + to_hex(key_update_requested));
  const auto next = test.client().hand_to_kernel().value();
  EXPECT_TRUE(next.send);
  EXPECT_FALSE(next.receive);
  test.client().update_keys(KeyUpdateRequest::update_requested, test.out).value();
  EXPECT_EQ(test.left(), "1603030005" + to_hex(key_update)) << "not asked again before the peer has answered";
}

// Which keys protect what follows a KeyUpdate could not be told from what is pending.
TEST(Kernel, NothingIsWrittenBeforeTheKernelHasItsNewKeys) {
  InKernel test;
  test.client().update_keys(KeyUpdateRequest::update_not_requested, test.out).value();
  test.out.clear();
  EXPECT_EQ(test.client().send(as_bytes("x"), test.out).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(test.client().close_write(test.out).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(test.client().update_keys(KeyUpdateRequest::update_not_requested, test.out).error().code,
            ErrorCode::bad_argument);
  EXPECT_EQ(test.left(), "");
  EXPECT_TRUE(test.client().hand_to_kernel());
  EXPECT_TRUE(test.client().close_write(test.out));
  EXPECT_EQ(test.left(), "15030300020100");
}

TEST(Kernel, NoRecordIsTakenBeforeTheKernelHasItsNewKeys) {
  InKernel by_peer;
  EXPECT_TRUE(std::holds_alternative<NeedInput>(by_peer.record(ContentType::handshake, key_update)));
  expect_refused(by_peer.record(ContentType::alert, close_notify));
  EXPECT_TRUE(by_peer.client().hand_to_kernel());
  EXPECT_TRUE(std::holds_alternative<PeerClosed>(by_peer.record(ContentType::alert, close_notify)));

  InKernel by_us;
  by_us.client().update_keys(KeyUpdateRequest::update_not_requested, by_us.out).value();
  expect_refused(by_us.record(ContentType::handshake, key_update_requested));
}

TEST(Kernel, DataDoesNotComeBack) {
  InKernel test;
  expect_refused(test.record(ContentType::application_data, as_bytes("delivered by the kernel")));
  EXPECT_TRUE(test.client().send(as_bytes("x"), test.out)) << "an error leaves it whole";
}

// A message may come in two records, and our own keys change between them.
TEST(Kernel, OurKeysChangeInTheMidstOfAMessage) {
  InKernel test;
  const Bytes message(key_update);
  EXPECT_TRUE(std::holds_alternative<NeedInput>(test.record(ContentType::handshake, message.first(3))));
  test.client().update_keys(KeyUpdateRequest::update_not_requested, test.out).value();
  const auto ours = test.client().hand_to_kernel().value();
  EXPECT_TRUE(ours.send);
  EXPECT_FALSE(ours.receive);
  EXPECT_TRUE(std::holds_alternative<NeedInput>(test.record(ContentType::handshake, message.subspan(3))));
  EXPECT_TRUE(test.client().hand_to_kernel().value().receive);
}

// RFC 9846 §4.7.3: the answer goes out before the next application data, which is the kernel's to send.
TEST(Kernel, AnOwedKeyUpdateGoesOutBefore) {
  Pair pair = InKernel::made(ProtocolVersion::tls13);
  pair.run();
  pair.server.connection.update_keys(KeyUpdateRequest::update_requested, pair.server.output).value();
  pair.run();
  Connection& client = pair.client.connection;
  EXPECT_EQ(client.hand_to_kernel().error().code, ErrorCode::bad_argument);
  client.update_keys(KeyUpdateRequest::update_not_requested, pair.client.output).value();
  pair.run();
  const auto keys = client.hand_to_kernel().value();
  const auto server = pair.server.connection.hand_to_kernel().value();
  EXPECT_TRUE(equal_vartime(keys.send.value().key.reveal(), server.receive.value().key.reveal()));
  EXPECT_EQ(keys.send.value().sequence, 0u);
}

TEST(Kernel, NoAlertFollowsAKeyUpdateThatIsNotHandedOver) {
  InKernel test;
  test.client().update_keys(KeyUpdateRequest::update_not_requested, test.out).value();
  test.out.clear();
  EXPECT_TRUE(test.client().fail(AlertDescription::user_canceled, test.out));
  EXPECT_EQ(test.left(), "");
  EXPECT_EQ(test.client().hand_to_kernel().error().code, ErrorCode::connection_failed_before);
}

TEST(Kernel, HalvesHaveNoKernel) {
  InKernel test;
  EXPECT_EQ(std::move(test.client()).split().error().code, ErrorCode::bad_argument);
  EXPECT_TRUE(test.client().send(as_bytes("x"), test.out)) << "an error leaves it whole";
}

}  // namespace
}  // namespace bulla::test
