// Which groups are offered, sent shares of, and agreed upon: RFC 9846 §4.3.7, §4.3.8,
// draft-ietf-tls-ecdhe-mlkem.
#include "tls/groups.h"
#include "tls/core_between.h"

#include <gmock/gmock.h>

namespace bulla::test {
namespace {

using namespace bulla::tls;
using enum NamedGroup;
using enum ProtocolVersion;
using testing::ElementsAre;

bool has_hybrids() {
  return default_provider().group(x25519mlkem768) != nullptr;
}
#define NEED_HYBRIDS() \
  if (!has_hybrids()) GTEST_SKIP() << "the provider has no hybrid groups"

ClientOptions client_with(std::vector<NamedGroup> groups, VersionRange versions = {tls12, tls13}) {
  ClientOptions options = client_options();
  options.common.groups = std::move(groups);
  options.common.versions = versions;
  return options;
}
ServerOptions server_with(std::vector<NamedGroup> groups, VersionRange versions = {tls12, tls13}) {
  ServerOptions options = server_options();
  options.common.groups = std::move(groups);
  options.common.versions = versions;
  return options;
}

struct Offered {
  std::vector<NamedGroup> groups, shares;
  int hellos = 0;
};

/// What the ClientHellos of a handshake say; the last one counts.
Offered offered(const ClientOptions& client, const ServerOptions& server) {
  Offered out;
  (void)refusal(client, server, [&](Toward toward, Wire& message) {
    if (toward != Toward::server || type_of(message) != HandshakeType::client_hello) return;
    const ClientHello hello = ClientHello::decode(Bytes(message).subspan(4)).value();
    ++out.hellos;
    out.groups.clear();
    out.shares.clear();
    for (const NamedGroup group : *hello.supported_groups) out.groups.push_back(group);
    if (hello.key_share)
      for (const KeyShareEntry& share : *hello.key_share) out.shares.push_back(share.group);
  });
  return out;
}

/// The group that both sides agreed on, and whether they had to ask twice.
std::optional<NamedGroup> agreed(const ClientOptions& client, const ServerOptions& server) {
  Pair pair = make_pair(client, server);
  pair.run();
  EXPECT_EQ(pair.client.done, pair.server.done) << pair.errors();
  if (!pair.client.done) return std::nullopt;
  EXPECT_EQ(pair.client.connection.info().group, pair.server.connection.info().group);
  pair.client.send("hello");
  pair.run();
  EXPECT_EQ(pair.server.text(), "hello");
  return pair.server.connection.info().group;
}

TEST(Groups, by_default_the_hybrid_and_a_plain_share_are_sent) {
  NEED_HYBRIDS();
  const Offered hello = offered(client_options(), server_options());
  EXPECT_THAT(hello.groups, ElementsAre(x25519mlkem768, x25519, secp256r1, secp384r1));
  EXPECT_THAT(hello.shares, ElementsAre(x25519mlkem768, x25519));
  EXPECT_EQ(agreed(client_options(), server_options()), x25519mlkem768);
}

TEST(Groups, a_server_without_hybrids_costs_no_retry) {
  NEED_HYBRIDS();
  const ServerOptions server = server_with({x25519, secp256r1});
  EXPECT_EQ(offered(client_options(), server).hellos, 1);
  EXPECT_EQ(agreed(client_options(), server), x25519);
}

TEST(Groups, a_client_without_hybrids_is_served) {
  EXPECT_EQ(agreed(client_with({x25519}), server_options()), x25519);
  const ClientOptions two = client_with({secp256r1, x25519});
  EXPECT_THAT(offered(two, server_with({secp256r1})).shares, ElementsAre(secp256r1));
}

TEST(Groups, every_group_of_the_provider_carries_a_handshake) {
  for (const GroupAlgorithm* group : default_provider().groups) {
    const auto only = [&](auto options) {
      options.common.groups = {group->id};
      options.common.versions = {tls13, tls13};
      return options;
    };
    EXPECT_EQ(agreed(only(client_options()), only(server_options())), group->id) << group->name;
  }
}

TEST(Groups, a_server_may_ask_for_a_hybrid) {
  NEED_HYBRIDS();
  for (const NamedGroup group : {x25519mlkem768, secp256r1mlkem768, secp384r1mlkem1024}) {
    const ClientOptions client = client_with({x25519, group});
    const Offered second = offered(client, server_with({group}));
    EXPECT_EQ(second.hellos, 2) << name_of(group);
    EXPECT_THAT(second.shares, ElementsAre(group));
    EXPECT_EQ(agreed(client, server_with({group})), group);
  }
}

// draft-ietf-tls-ecdhe-mlkem defines the hybrids for TLS 1.3 only.
TEST(Groups, tls12_knows_no_hybrids) {
  NEED_HYBRIDS();
  EXPECT_THAT(offered(client_with({}, {tls12, tls12}), server_options()).groups,
              ElementsAre(x25519, secp256r1, secp384r1));
  EXPECT_EQ(agreed(client_options(), server_with({}, {tls12, tls12})), x25519);
  EXPECT_EQ(agreed(client_with({x25519mlkem768}), server_with({}, {tls12, tls12})), std::nullopt);
  EXPECT_EQ(make_client_config(client_with({x25519mlkem768}, {tls12, tls12})).error().code,
            ErrorCode::bad_config);
  EXPECT_EQ(make_server_config(server_with({secp384r1mlkem1024}, {tls12, tls12})).error().code,
            ErrorCode::bad_config);
}

// Without a curve alone TLS 1.2 cannot be: it is not offered.
TEST(Groups, hybrids_alone_mean_tls13) {
  NEED_HYBRIDS();
  EXPECT_EQ(make_client_config(client_with({x25519mlkem768})).value()->options().common.versions.lowest,
            tls13);
  EXPECT_EQ(make_server_config(server_with({x25519mlkem768})).value()->options().common.versions.lowest,
            tls13);
}

/// What the side that reads a share of `group` says when it was altered on its way.
ErrorCode refused_share(NamedGroup group, Toward reader, std::function<void(Wire&)> alter) {
  Wire altered;
  const auto change = [&](const Bytes original) {
    altered = bulla::to_vector(original);
    alter(altered);
    return Bytes(altered);
  };
  const auto hello = alter_hello(1, [&](ClientHello& h) {
    for (KeyShareEntry& share : *h.key_share) share.key_exchange = change(share.key_exchange);
  });
  const auto answer = alter_server_hello(
      [&](ServerHello& h) { h.key_share->key_exchange = change(h.key_share->key_exchange); });
  const auto error =
      refusal_of(client_with({group}), server_with({group}), reader == Toward::server ? hello : answer);
  if (!error) return ErrorCode{};
  EXPECT_EQ(error->alert_to_send(), AlertDescription::illegal_parameter) << name_of(group);
  return error->code;
}

// draft-ietf-tls-ecdhe-mlkem §4.1, §4.2: a length that is not the group's, or a half that is refused.
TEST(Groups, broken_hybrid_shares_are_refused) {
  NEED_HYBRIDS();
  for (const NamedGroup group : {x25519mlkem768, secp256r1mlkem768, secp384r1mlkem1024}) {
    for (const Toward reader : {Toward::server, Toward::client}) {
      const auto refused = [&](std::function<void(Wire&)> alter) {
        return refused_share(group, reader, std::move(alter));
      };
      EXPECT_EQ(refused([](Wire& share) { share.pop_back(); }), ErrorCode::bad_key_share) << name_of(group);
      EXPECT_EQ(refused([](Wire& share) { share.push_back(0); }), ErrorCode::bad_key_share);
      EXPECT_EQ(refused([](Wire& share) { share.resize(32); }), ErrorCode::bad_key_share);
      EXPECT_EQ(refused([](Wire& share) { std::fill(share.begin(), share.end(), uint8_t{0}); }),
                ErrorCode::bad_key_share);
    }
    // FIPS 203 §7.2: coefficients of an encapsulation key that are not reduced.
    const size_t curve = group == x25519mlkem768 ? 0 : group == secp256r1mlkem768 ? 65 : 97;
    EXPECT_EQ(
        refused_share(group, Toward::server, [&](Wire& share) { share[curve] = share[curve + 1] = 0xff; }),
        ErrorCode::bad_key_share);
  }
}

// A ciphertext that was not made for the key is no error of its own (FIPS 203 §6.3, implicit rejection): the
// keys differ, and nothing that follows can be read.
TEST(Groups, an_altered_ciphertext_ends_in_unreadable_records) {
  NEED_HYBRIDS();
  Pair pair = make_pair(client_with({x25519mlkem768}), server_with({x25519mlkem768}));
  bool altered = false;
  pair.wire = [&](Toward toward, std::vector<uint8_t> bytes) {
    // The ServerHello's record comes first: its share ends before supported_versions, far behind byte 200.
    if (toward == Toward::client && !std::exchange(altered, true)) bytes.at(200) ^= 1;
    return bytes;
  };
  pair.run();
  ASSERT_TRUE(altered && pair.client.error) << pair.errors();
  EXPECT_EQ(pair.client.error->code, ErrorCode::bad_record_mac);
}

}  // namespace
}  // namespace bulla::test
