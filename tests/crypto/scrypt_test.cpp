// scrypt (RFC 7914).
#include "crypto/scrypt/scrypt.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"

namespace bulla::test {
namespace {

std::string derived(std::string_view passphrase, std::string_view salt, const ScryptCost& cost, size_t size) {
  ByteVector out(size);
  scrypt(need_hash(HashId::sha256), as_bytes(passphrase), as_bytes(salt), cost, out);
  return to_hex(out);
}

// RFC 7914 §12; its fourth case takes a gibibyte.
TEST(Scrypt, KnownKeys) {
  EXPECT_EQ(derived("", "", {16, 1, 1}, 64),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(derived("password", "NaCl", {1024, 8, 16}, 64),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
  EXPECT_EQ(derived("pleaseletmein", "SodiumChloride", {16384, 8, 1}, 64),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST(Scrypt, EveryNumberCounts) {
  const std::string plain = derived("p", "s", {16, 2, 2}, 32);
  EXPECT_NE(derived("q", "s", {16, 2, 2}, 32), plain);
  EXPECT_NE(derived("p", "t", {16, 2, 2}, 32), plain);
  EXPECT_NE(derived("p", "s", {32, 2, 2}, 32), plain);
  EXPECT_NE(derived("p", "s", {16, 3, 2}, 32), plain);
  EXPECT_NE(derived("p", "s", {16, 2, 3}, 32), plain);
  EXPECT_EQ(derived("p", "s", {16, 2, 2}, 7), plain.substr(0, 14));
}

TEST(Scrypt, CostsThatAreNone) {
  const ScryptCost none[] = {{0, 8, 1},
                             {1, 8, 1},
                             {3, 8, 1},
                             {1000, 8, 1},
                             {16, 0, 1},
                             {uint64_t{1} << 16, 1, 1},  // N below 2^(128 * r / 8)
                             {uint64_t{1} << 32, 2, 1},
                             {uint64_t{1} << 48, 3, 1},
                             {16, 8, 0},
                             {16, 1, 1 << 30},
                             {16, 1 << 15, 1 << 15},
                             {16, UINT32_MAX, UINT32_MAX},
                             {uint64_t{1} << 63, 8, 1},
                             {uint64_t{1} << 53, 8, 1}};
  for (const ScryptCost& cost : none) {
    EXPECT_FALSE(cost.memory()) << cost.n << ' ' << cost.r << ' ' << cost.p;
  }
  EXPECT_EQ((ScryptCost{16384, 8, 1}.memory()), 128u * 8 * (16384 + 3));
  EXPECT_TRUE((ScryptCost{uint64_t{1} << 46, 8, 1}.memory()));
  EXPECT_TRUE((ScryptCost{uint64_t{1} << 15, 1, 1}.memory()));
  EXPECT_TRUE((ScryptCost{uint64_t{1} << 31, 2, 1}.memory()));
  EXPECT_TRUE((ScryptCost{uint64_t{1} << 47, 3, 1}.memory()));
}

TEST(ScryptDeathTest, WhatCannotBeIsAsserted) {
  ByteVector out(32);
  EXPECT_DEATH(scrypt(need_hash(HashId::sha256), {}, {}, {3, 1, 1}, out), "RFC 7914");
}

}  // namespace
}  // namespace bulla::test
