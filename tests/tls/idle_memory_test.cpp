// What a server keeps of a connection that is idle after its handshake: the goal is 4 KB with all it owns.
#include "tls/pair.h"

#include <gtest/gtest.h>

#include <malloc.h>

namespace bulla::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool heap_is_counted = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool heap_is_counted = false;
#else
constexpr bool heap_is_counted = true;
#endif
#else
constexpr bool heap_is_counted = true;
#endif

size_t heap_in_use() {
  return ::mallinfo2().uordblks;
}

class IdleServer : public ::testing::TestWithParam<std::tuple<ProtocolVersion, const char*>> {};

TEST_P(IdleServer, HoldsAtMostFourKilobytes) {
  if (!heap_is_counted) GTEST_SKIP() << "a sanitizer's allocator does not count";
  const auto [version, identity_name] = GetParam();
  ServerOptions s = server_options(identity_name);
  s.common.versions = {version, version};
  const ServerConfigPtr server_config = make_server_config(s).value();
  const ClientConfigPtr client_config = make_client_config(client_options()).value();
  constexpr size_t count = 32;
  std::vector<Connection> idle;
  idle.reserve(count);
  make_pair(client_config, server_config).run();  // what is made once is made now
  const size_t before = heap_in_use();
  for (size_t i = 0; i < count; ++i) {
    Pair pair = make_pair(client_config, server_config);
    pair.run();
    ASSERT_TRUE(pair.both_done()) << pair.errors();
    idle.push_back(std::move(pair.server.connection));
  }
  EXPECT_LE((heap_in_use() - before) / count, 4096u);
}

INSTANTIATE_TEST_SUITE_P(All, IdleServer,
                         ::testing::Combine(::testing::Values(ProtocolVersion::tls12, ProtocolVersion::tls13),
                                            ::testing::Values("p256", "rsa")));

}  // namespace
}  // namespace bulla::test
