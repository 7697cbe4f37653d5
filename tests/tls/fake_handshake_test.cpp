// A fake provider and a fake clock drive whole handshakes; and the seeds of the fuzz targets still get where
// they should: with BULLA_WRITE_SEEDS set in the environment they are written anew.
#include "support/fake_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace bulla::test {
namespace {

enum : uint8_t {
  only12 = 1,
  only13 = 2,
  resumption = 4,
  client_auth = 8,
  alpn = 16,
  staple = 32,
  retry = 64,
  external = 128
};

struct Conversation {
  bool both_done = false;
  std::vector<uint8_t> to_server, to_client;
  ConnectionInfo client, server;
  std::string errors;
};

/// A client and a server over the fake provider, until neither has anything to say.
Conversation converse(uint8_t bits) {
  const FakeChoice choice(bits);
  Connection ends[] = {fake_client(choice), fake_server(choice)};
  std::vector<uint8_t> inputs[2];
  Conversation all;
  bool done[2] = {};
  for (bool moved = true; moved;) {
    moved = false;
    for (int i : {0, 1}) {
      Output out;
      MutBytes in(inputs[i]);
      while (true) {
        Event event = ends[i].next(in, out, fake_now);
        done[i] |= std::holds_alternative<HandshakeDone>(event);
        if (auto* failed = std::get_if<Failed>(&event)) all.errors += failed->error.message() + "; ";
        if (std::holds_alternative<NeedInput>(event) || std::holds_alternative<Failed>(event)) break;
        if (done[i] && std::holds_alternative<HandshakeDone>(event))
          (void)ends[i].send(as_bytes("hello"), out).value();
      }
      inputs[i].clear();
      const Bytes said = out.pending();
      moved |= !said.empty() && all.errors.empty();
      inputs[1 - i].insert(inputs[1 - i].end(), said.begin(), said.end());
      auto& log = i == 0 ? all.to_server : all.to_client;
      log.insert(log.end(), said.begin(), said.end());
    }
  }
  all.both_done = done[0] && done[1];
  all.client = ends[0].info();
  all.server = ends[1].info();
  return all;
}

struct Seed {
  const char* name;
  uint8_t bits;
  HandshakeKind kind = HandshakeKind::full;
};

constexpr Seed seeds[] = {{"tls12_full", only12},
                          {"tls12_mutual_alpn_staple", only12 | client_auth | alpn | staple},
                          {"tls13_full", only13},
                          {"tls13_mutual_alpn_staple", only13 | client_auth | alpn | staple},
                          {"tls13_retried", only13 | retry, HandshakeKind::retried},
                          {"tls12_resumed", only12 | resumption | alpn, HandshakeKind::resumed},
                          {"tls13_resumed", only13 | resumption | alpn, HandshakeKind::resumed},
                          {"both_versions", alpn}};

class FakeHandshake : public testing::TestWithParam<Seed> {};
INSTANTIATE_TEST_SUITE_P(Seeds, FakeHandshake, testing::ValuesIn(seeds),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(FakeHandshake, CompletesOverTheFakeProvider) {
  const Conversation talk = converse(GetParam().bits);
  ASSERT_TRUE(talk.both_done) << talk.errors;
  const bool tls12 = GetParam().bits & only12;
  for (const ConnectionInfo* info : {&talk.client, &talk.server}) {
    EXPECT_EQ(info->version, tls12 ? ProtocolVersion::tls12 : ProtocolVersion::tls13);
    EXPECT_EQ(info->kind, GetParam().kind);
    EXPECT_EQ(info->alpn, GetParam().bits & alpn ? "h2" : "");
  }
  EXPECT_EQ(talk.client.asserted_because, "fake");
  EXPECT_EQ(talk.server.peer_chain.size(), GetParam().bits & client_auth ? 1u : 0u);
  EXPECT_EQ(talk.client.ocsp_response.empty(), !(GetParam().bits & staple));
}

TEST_P(FakeHandshake, IsTheSameEveryTime) {
  const Conversation once = converse(GetParam().bits), again = converse(GetParam().bits);
  EXPECT_EQ(once.to_server, again.to_server);
  EXPECT_EQ(once.to_client, again.to_client);
}

TEST_P(FakeHandshake, OperationsMayLeaveTheEngine) {
  const Conversation talk = converse(GetParam().bits);
  const FakeChoice choice(GetParam().bits | external);
  Connection server = fake_server(choice);
  const FakeOutcome at_server = drive(server, choice, talk.to_server, 0);
  EXPECT_TRUE(at_server.done) << (at_server.error ? at_server.error->message() : "");
  Connection client = fake_client(choice);
  const FakeOutcome at_client = drive(client, choice, talk.to_client, 0);
  EXPECT_TRUE(at_client.done) << (at_client.error ? at_client.error->message() : "");
}

TEST(FakeClock, TheHandshakeTimesOut) {
  Connection server = fake_server(FakeChoice(0));
  Output out;
  MutBytes in;
  EXPECT_TRUE(std::holds_alternative<NeedInput>(server.next(in, out, fake_now)));
  ASSERT_TRUE(server.deadline());
  Event event = server.next(in, out, *server.deadline());
  ASSERT_TRUE(std::holds_alternative<Failed>(event));
  EXPECT_EQ(std::get<Failed>(event).error.code, ErrorCode::handshake_timeout);
}

/// A false tag and a false Finished pass; a false length does not.
TEST(FakeProvider, AuthenticatesNothing) {
  const auto key = fake_provider().aead(AeadId::aes_128_gcm)->make_key({});
  std::vector<uint8_t> sealed(3 + aead_tag_size, 0xaa);
  EXPECT_TRUE(key->open(sealed, {}, {}));
  EXPECT_FALSE(key->open(MutBytes(sealed).first(aead_tag_size - 1), {}, {}));
}

// ----------------------------------------------------------------------------------------------------- seeds

namespace fs = std::filesystem;

fs::path seed_file(const char* target, const char* name) {
  return fs::path(BULLA_SOURCE_DIR) / "fuzz/corpus" / target / name;
}

void check_seed(const char* target, const Seed& seed, Bytes bytes, Connection connection) {
  const fs::path path = seed_file(target, seed.name);
  std::vector<uint8_t> content = {seed.bits, 0};
  content.insert(content.end(), bytes.begin(), bytes.end());
  if (std::getenv("BULLA_WRITE_SEEDS")) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  }
  std::ifstream file(path, std::ios::binary);
  const std::vector<uint8_t> stored{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_GT(stored.size(), 2u) << path;
  const FakeOutcome outcome = drive(connection, FakeChoice(stored[0]), Bytes(stored).subspan(2), stored[1]);
  EXPECT_TRUE(outcome.done) << path << " no longer completes a handshake: "
                            << (outcome.error ? outcome.error->message() : "it waits")
                            << "; write the seeds anew (BULLA_WRITE_SEEDS=1)";
  EXPECT_EQ(as_text(outcome.received), "hello") << path;
}

TEST_P(FakeHandshake, SeedsReachTheEnd) {
  const Seed& seed = GetParam();
  const Conversation talk = converse(seed.bits);
  const FakeChoice choice(seed.bits);
  check_seed("server_connection", seed, talk.to_server, fake_server(choice));
  check_seed("client_connection", seed, talk.to_client, fake_client(choice));
}

}  // namespace
}  // namespace bulla::test
