#include <bulla/os.h>

#include <gtest/gtest.h>

#include <thread>

namespace bulla {
namespace {

ClientSessionPtr session(const std::string& mark) {
  auto out = std::make_shared<ClientSession>();
  out->alpn = mark;
  return out;
}

std::string taken(MemorySessionStore& store, const std::string& key) {
  const ClientSessionPtr found = store.take(key);
  return found ? found->alpn : "none";
}

TEST(MemorySessionStore, GivesTheNewestTicketFirstAndEachOnce) {
  MemorySessionStore store;
  store.put("a", session("1"));
  store.put("a", session("2"));
  store.put("b", session("3"));
  EXPECT_EQ(taken(store, "a"), "2");
  EXPECT_EQ(taken(store, "a"), "1");
  EXPECT_EQ(taken(store, "a"), "none");
  EXPECT_EQ(taken(store, "b"), "3");
  EXPECT_EQ(store.size(), 0u);
}

TEST(MemorySessionStore, ForgetsTheOldestTicketsAndTheLeastUsedKeys) {
  MemorySessionStore store(2, 2);
  for (const char* mark : {"1", "2", "3"}) store.put("a", session(mark));
  EXPECT_EQ(store.size(), 2u);
  store.put("b", session("4"));
  EXPECT_EQ(taken(store, "a"), "3");  // used: now "b" is the one used longest ago
  store.put("c", session("5"));
  EXPECT_EQ(taken(store, "b"), "none");
  EXPECT_EQ(taken(store, "a"), "2");
  EXPECT_EQ(taken(store, "c"), "5");
}

TEST(MemorySessionStore, OfNoSizeHoldsNothing) {
  MemorySessionStore no_keys(0, 2), no_tickets(2, 0);
  for (MemorySessionStore* store : {&no_keys, &no_tickets}) {
    store->put("a", session("1"));
    store->put("a", nullptr);
    EXPECT_EQ(taken(*store, "a"), "none");
  }
}

TEST(MemorySessionStore, ServesManyThreads) {
  MemorySessionStore store(16, 4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&store, t] {
      for (int i = 0; i < 2000; ++i) {
        store.put(std::to_string(i % 32), session(std::to_string(t)));
        (void)store.take(std::to_string((i * 7) % 32));
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(store.size(), 64u);
}

Time at(int seconds) {
  return Time(Seconds(seconds));
}

TEST(MemorySessionCache, FindsWhatWasPutUntilItsTimeIsOver) {
  MemorySessionCache cache(10, Seconds(100));
  cache.put(as_bytes("id"), as_bytes("state"), at(1000));
  EXPECT_EQ(as_text(cache.find(as_bytes("id"), at(1099))->reveal()), "state");
  EXPECT_FALSE(cache.find(as_bytes("other"), at(1000)));
  EXPECT_FALSE(cache.find(as_bytes("id"), at(1100)));
  EXPECT_FALSE(cache.find(as_bytes("id"), at(1000))) << "what is over is forgotten";
  cache.put(as_bytes("id"), as_bytes("state"), at(1000));
  EXPECT_FALSE(cache.find(as_bytes("id"), at(999))) << "a clock that ran backwards makes nothing younger";
}

TEST(MemorySessionCache, IsBounded) {
  MemorySessionCache cache(3, Seconds(100));
  for (int i = 0; i < 10; ++i) cache.put(as_bytes(std::to_string(i)), as_bytes("s"), at(1000 + i));
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_FALSE(cache.find(as_bytes("6"), at(1010)));
  EXPECT_TRUE(cache.find(as_bytes("7"), at(1010)));
  cache.put(as_bytes("7"), as_bytes("t"), at(1010));
  EXPECT_EQ(cache.size(), 3u) << "the same id twice is one session";
  EXPECT_EQ(as_text(cache.find(as_bytes("7"), at(1010))->reveal()), "t");
  cache.put(as_bytes("late"), as_bytes("s"), at(2000));
  EXPECT_EQ(cache.size(), 1u) << "those that are over go when another comes";
}

}  // namespace
}  // namespace bulla
