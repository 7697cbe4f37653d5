// Where random bytes come from: HMAC_DRBG, and the system's entropy behind it.
#include "crypto/drbg/system_random.h"
#include "crypto/one_shot.h"
#include "crypto/sha2/sha2.h"
#include "support/vectors.h"

#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

namespace bulla::test {
namespace {

using crypto::HmacDrbg;
using crypto::SystemRandom;

ByteVector generated(HmacDrbg& drbg, size_t size) {
  ByteVector out(size);
  drbg.generate(out);
  return out;
}

// RFC 6979 §3.2 is this generator: its nonces for "sample" (A.2.5, A.2.6) are what it makes first.
TEST(HmacDrbg, MakesTheNoncesOfRfc6979) {
  const ByteVector key = from_hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
  HmacDrbg p256(crypto::sha256(), {key, digest(crypto::sha256(), as_bytes("sample"))});
  EXPECT_EQ(generated(p256, 32),
            from_hex("A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60"));
  const ByteVector key384 = from_hex(
      "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5");
  HmacDrbg p384(crypto::sha384(), {key384, digest(crypto::sha384(), as_bytes("sample"))});
  EXPECT_EQ(generated(p384, 48), from_hex("94ED910D1A099DAD3254E9242AE85ABDE4BA15168EAF0CA87A555FD56D10FBCA"
                                          "2907E3E83BA95368623B8C4686915CF9"));
}

TEST(HmacDrbg, NeverRepeatsItself) {
  const ByteVector seed(32, 7);
  HmacDrbg drbg(crypto::sha256(), {seed});
  HmacDrbg same(crypto::sha256(), {seed});
  std::set<ByteVector> seen;
  for (int i = 0; i < 100; ++i) {
    const ByteVector bytes = generated(drbg, 33);
    EXPECT_EQ(bytes, generated(same, 33)) << "the same seed makes the same bytes";
    EXPECT_TRUE(seen.insert(bytes).second);
  }
  same.reseed({seed});
  EXPECT_NE(generated(drbg, 33), generated(same, 33)) << "a seed that was there before changes it too";
  drbg.generate({});
}

TEST(HmacDrbg, PartsOfASeedAreOneSeed) {
  const ByteVector a(10, 1), b(20, 2), c(2, 3);
  ByteVector whole = a;
  whole.insert(whole.end(), b.begin(), b.end());
  whole.insert(whole.end(), c.begin(), c.end());
  HmacDrbg parts(crypto::sha256(), {a, b, c}), one(crypto::sha256(), {whole});
  EXPECT_EQ(generated(parts, 64), generated(one, 64));
}

/// A kernel that repeats itself.
void stuck(MutBytes out) noexcept {
  std::fill(out.begin(), out.end(), uint8_t{0x42});
}

ByteVector filled(Random& random, size_t size) {
  ByteVector out(size);
  random.fill(out);
  return out;
}

TEST(SystemRandom, SurvivesAKernelThatRepeatsItself) {
  SystemRandom random(stuck);
  std::set<ByteVector> seen;
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(seen.insert(filled(random, 32)).second);
}

// SP 800-90A §10.1 table 2: no request takes more than 2^19 bits of one seed.
size_t asked = 0;
void counted(MutBytes out) noexcept {
  ++asked;
  crypto::system_entropy(out);
}

TEST(SystemRandom, SeedsAnewForEachRequestThatTheStandardAllows) {
  SystemRandom random(counted);
  asked = 0;
  (void)filled(random, HmacDrbg::max_request);
  EXPECT_EQ(asked, 1u);
  (void)filled(random, 2 * HmacDrbg::max_request + 1);
  EXPECT_EQ(asked, 4u);
}

TEST(HmacDrbgDeathTest, RequestsThatAreTooLong) {
  HmacDrbg drbg(crypto::sha256(), {as_bytes("seed")});
  ByteVector out(HmacDrbg::max_request + 1);
  EXPECT_DEATH(drbg.generate(out), "larger than SP 800-90A allows");
}

TEST(SystemRandom, FillsAnySize) {
  SystemRandom random;
  random.fill({});
  for (const size_t size : {1u, 31u, 32u, 33u, 100'000u}) {
    const ByteVector a = filled(random, size), b = filled(random, size);
    if (size > 16) {
      EXPECT_NE(a, b);
      EXPECT_NE(a, ByteVector(size));
    }
  }
  const ByteVector many = filled(random, 100'000);
  std::array<size_t, 256> counts{};
  for (const uint8_t byte : many) ++counts[byte];
  for (const size_t count : counts) EXPECT_TRUE(count > 250 && count < 550) << count;  // 390 +- 8 sigma
}

/// What a child of this process draws first.
ByteVector drawn_by_a_child(Random& random) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::array<uint8_t, 32> bytes;
    random.fill(bytes);
    ::_exit(::write(ends[1], bytes.data(), bytes.size()) == 32 ? 0 : 1);
  }
  ::close(ends[1]);
  ByteVector out(32);
  EXPECT_EQ(::read(ends[0], out.data(), out.size()), 32);
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return out;
}

TEST(SystemRandom, ParentAndChildrenGoDifferentWays) {
  SystemRandom random;
  (void)filled(random, 32);
  std::set<ByteVector> seen;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(seen.insert(drawn_by_a_child(random)).second);
  EXPECT_TRUE(seen.insert(filled(random, 32)).second);
}

/// Forks while its object is in use: the child finds the lock of a thread that it does not have.
SystemRandom* in_use = nullptr;
ByteVector from_child;
void forking(MutBytes out) noexcept {
  crypto::system_entropy(out);
  if (!in_use) return;
  SystemRandom& random = *std::exchange(in_use, nullptr);
  from_child = drawn_by_a_child(random);
}

TEST(SystemRandom, AForkInTheMidstOfARequestBlocksNobody) {
  SystemRandom random(forking);
  in_use = &random;
  const ByteVector ours = filled(random, 32);
  EXPECT_NE(ours, from_child);
  EXPECT_NE(from_child, ByteVector(32));
}

TEST(SystemRandom, ManyThreadsDrawDifferentBytes) {
  SystemRandom random;
  constexpr size_t threads = 8, draws = 300;
  std::vector<std::vector<ByteVector>> drawn(threads);
  std::vector<std::thread> running;
  for (auto& mine : drawn)
    running.emplace_back([&random, &mine] {
      for (size_t i = 0; i < draws; ++i) mine.push_back(filled(random, 16));
    });
  for (std::thread& thread : running) thread.join();
  std::set<ByteVector> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), threads * draws);
}

}  // namespace
}  // namespace bulla::test
