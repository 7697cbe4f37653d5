// The kernels of ChaCha20-Poly1305 against soft, at every length and at the edges of their limbs. What each
// must give by the RFC stands in chacha20_poly1305_test.cpp.
#include "crypto/chacha20_poly1305/chacha20_poly1305.h"
#include "crypto/chacha20_poly1305/impl.h"
#include "crypto/one_shot.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <numeric>
#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto;
using namespace bulla::crypto::chacha20_poly1305;
using boost::multiprecision::cpp_int;

const cpp_int p = (cpp_int(1) << 130) - 5;

template <class T>
std::vector<const Kernel<T>*> runnable(std::span<const Kernel<T>> table) {
  std::vector<const Kernel<T>*> out;
  for (const auto& kernel : table)
    if (kernel.runs_on(cpu_word())) out.push_back(&kernel);
  return out;
}

ByteVector random_bytes(std::mt19937_64& random, size_t size) {
  ByteVector out(size);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
  return out;
}
AeadNonce random_nonce(std::mt19937_64& random) {
  return to_nonce(random_bytes(random, aead_nonce_size));
}

constexpr KeyWords key_words = {0x03020100, 0x07060504, 0x0b0a0908, 0xffffffff, 5, 0x80000000, 7, 0xdeadbeef};
constexpr NonceWords nonce_words = {0x4a000000, 0xffffffff, 1};

// ------------------------------------------------------------------------------------------------ ChaCha20

TEST(ChaCha20Kernels, every_length_in_place_or_not_at_any_address) {
  std::mt19937_64 random(20);
  const ByteVector text = random_bytes(random, 4400);
  ByteVector wanted(text.size());
  chacha20_soft(key_words, nonce_words, 5, text.data(), wanted.data(), text.size());
  for (const auto* kernel : runnable(functions())) {
    for (size_t size = 0; size <= text.size(); ++size) {
      const size_t shift = size % 67;
      ByteVector out(shift + size + 64, 0xee);
      kernel->algorithm->chacha20(key_words, nonce_words, 5, text.data(), out.data() + shift, size);
      ASSERT_TRUE(std::equal(wanted.begin(), wanted.begin() + static_cast<ptrdiff_t>(size), &out[shift]))
          << kernel->name << ' ' << size;
      ASSERT_EQ(std::count(out.begin(), out.begin() + static_cast<ptrdiff_t>(shift), 0xee),
                static_cast<ptrdiff_t>(shift));
      ASSERT_EQ(std::count(out.end() - 64, out.end(), 0xee), 64) << kernel->name << ' ' << size;
      std::copy_n(text.begin(), size, &out[shift]);
      kernel->algorithm->chacha20(key_words, nonce_words, 5, &out[shift], &out[shift], size);
      ASSERT_TRUE(std::equal(wanted.begin(), wanted.begin() + static_cast<ptrdiff_t>(size), &out[shift]))
          << kernel->name << ' ' << size << " in place";
    }
  }
}

TEST(ChaCha20Kernels, the_key_stream_begins_with_block_0) {
  ByteVector wanted(max_first_blocks * block_size);
  chacha20_soft(key_words, nonce_words, 0, wanted.data(), wanted.data(), wanted.size());
  for (const auto* kernel : runnable(functions())) {
    const Functions& f = *kernel->algorithm;
    ASSERT_EQ(f.first_blocks % 4, 0u);
    ASSERT_GT(f.first_blocks, 0u);
    ASSERT_LE(f.first_blocks, max_first_blocks);
    for (size_t blocks = 4; blocks <= f.first_blocks; blocks += 4) {
      ByteVector out(max_first_blocks * block_size + 1, 0xee);
      const size_t made = f.key_stream(key_words, nonce_words, out.data(), blocks);
      ASSERT_GE(made, blocks) << kernel->name;
      ASSERT_LE(made, max_first_blocks) << kernel->name;
      const size_t size = made * block_size;
      ASSERT_TRUE(std::equal(wanted.begin(), wanted.begin() + static_cast<ptrdiff_t>(size), out.begin()))
          << kernel->name << ' ' << blocks;
      ASSERT_EQ(std::count(out.begin() + static_cast<ptrdiff_t>(size), out.end(), 0xee),
                static_cast<ptrdiff_t>(out.size() - size))
          << kernel->name << ' ' << blocks;
    }
  }
}

TEST(ChaCha20Kernels, streams_of_every_length_are_added) {
  std::mt19937_64 random(21);
  const ByteVector stream = random_bytes(random, 768), text = random_bytes(random, 700);
  for (const auto* kernel : runnable(functions())) {
    for (size_t size = 0; size <= 600; ++size) {
      const size_t shift = size % 67;
      ByteVector out(size + 64, 0xee), in_place(text.begin(), text.begin() + static_cast<ptrdiff_t>(size));
      kernel->algorithm->add(&stream[shift], text.data(), out.data(), size);
      kernel->algorithm->add(&stream[shift], in_place.data(), in_place.data(), size);
      for (size_t i = 0; i < size; ++i) ASSERT_EQ(out[i], stream[shift + i] ^ text[i]) << kernel->name;
      ASSERT_TRUE(std::equal(in_place.begin(), in_place.end(), out.begin())) << kernel->name << ' ' << size;
      ASSERT_EQ(std::count(out.end() - 64, out.end(), 0xee), 64) << kernel->name << ' ' << size;
    }
  }
}

// ------------------------------------------------------------------------------------------------ Poly1305

cpp_int number(const uint64_t (&w)[3]) {
  return (cpp_int(w[2]) << 128) + (cpp_int(w[1]) << 64) + w[0];
}

/// The accumulator that all kernels come to, modulo p; each within the bounds that it must keep.
void expect_same(const Poly1305State& from, const ByteVector& blocks, uint64_t top) {
  Poly1305State wanted = from;
  poly1305_blocks_soft(wanted, blocks.data(), blocks.size() / 16, top);
  for (const auto* kernel : runnable(functions())) {
    Poly1305State state = from;
    kernel->algorithm->poly1305_blocks(state, blocks.data(), blocks.size() / 16, top);
    const cpp_int h = number(state.h);
    ASSERT_EQ(h % p, number(wanted.h) % p)
        << kernel->name << ' ' << blocks.size() / 16 << " blocks, r " << from.r[1] << ' ' << from.r[0];
    ASSERT_LT(h, (cpp_int(1) << 130) + (cpp_int(1) << 64)) << kernel->name << ", the bound between blocks";
    uint8_t tags[2][16];
    poly1305_finish(state, tags[0]);
    poly1305_finish(wanted, tags[1]);
    ASSERT_TRUE(std::equal(tags[0], tags[0] + 16, tags[1])) << kernel->name;
  }
}

constexpr uint64_t r_low = 0x0ffffffc0fffffff, r_high = 0x0ffffffc0ffffffc;

TEST(Poly1305Kernels, every_number_of_blocks) {
  std::mt19937_64 random(1305);
  for (size_t count = 0; count <= 300; ++count) {
    const Poly1305State from{
        {random(), random(), random() % 4}, {random() & r_low, random() & r_high}, {0, 0}};
    expect_same(from, random_bytes(random, 16 * count), count % 2);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// The largest sums of products there can be: all limbs of the accumulator, of r and of the blocks at their
// ends, and numbers of groups that have one reduction for four, for one, and for both in turn.
TEST(Poly1305Kernels, from_every_edge_of_the_accumulator) {
  constexpr uint64_t words[] = {0, 1, UINT64_MAX - 5, UINT64_MAX - 4, UINT64_MAX};
  for (const size_t count : {16u, 17u, 23u, 24u, 31u, 40u, 48u, 72u, 87u, 104u})
    for (const uint8_t fill : std::initializer_list<uint8_t>{0x00, 0xff})
      for (const uint64_t r0 : {uint64_t{0}, uint64_t{1}, r_low, r_low - 3})
        for (const uint64_t r1 : {uint64_t{0}, uint64_t{4}, r_high})
          for (const uint64_t h0 : words)
            for (const uint64_t h1 : words)
              for (uint64_t h2 = 0; h2 <= 4; h2 += h2 == 0 ? 3 : 1) {
                if (h2 == 4 && h1 != 0) continue;  // out of the bounds that a block leaves
                expect_same({{h0, h1, h2}, {r0, r1}, {0, 0}}, ByteVector(16 * count, fill), 1);
                if (testing::Test::HasFatalFailure()) return;
              }
}

/// Blocks whose limbs, of 26 or 44 bits, are all ones or all zeros, or nearly.
TEST(Poly1305Kernels, limbs_of_ones_and_zeros) {
  std::mt19937_64 random(2644);
  const auto word = [&]() -> uint64_t {
    const uint64_t radix = random() % 2 ? 26 : 44, at = random() % 2 * radix + random() % 2 * 12;
    const uint64_t limb = ((uint64_t{1} << radix) - 1) << at % 64;
    switch (random() % 6) {
      case 0: return 0;
      case 1: return UINT64_MAX;
      case 2: return limb;
      case 3: return ~limb;
      case 4: return limb + (uint64_t{1} << at % 64);
      default: return UINT64_MAX - random() % 8;
    }
  };
  for (size_t round = 0; round < 20'000; ++round) {
    ByteVector blocks(16 * (16 + random() % 64));
    for (size_t at = 0; at < blocks.size(); at += 8) {
      const uint64_t w = word();
      std::memcpy(&blocks[at], &w, sizeof w);
    }
    expect_same({{word(), word(), random() % 4}, {word() & r_low, word() & r_high}, {0, 0}}, blocks, 1);
    if (testing::Test::HasFatalFailure()) FAIL() << "seed 2644, round " << round;
  }
}

// With r = 1 the accumulator is the sum of the blocks, and a last block brings it to any number.
TEST(Poly1305Kernels, sums_around_multiples_of_the_modulus) {
  std::mt19937_64 random(130);
  const cpp_int top = cpp_int(1) << 128;
  size_t tried = 0;
  for (size_t round = 0; round < 20'000; ++round) {
    ByteVector blocks = random_bytes(random, 16 * (16 + random() % 40));
    Poly1305State state{{0, 0, 0}, {1, 0}, {0, 0}};
    poly1305_blocks_soft(state, blocks.data(), blocks.size() / 16 - 1, 1);
    const cpp_int offset = static_cast<int>(random() % 17) - 8;
    const cpp_int edge = random() % 2 ? cpp_int(0) : cpp_int(1) << (64 * (random() % 2 + 1));
    cpp_int last = ((edge + offset - number(state.h)) % p + p) % p - top;
    if (last < 0 || last >= top) continue;
    for (size_t i = blocks.size() - 16; i < blocks.size(); ++i, last >>= 8)
      blocks[i] = static_cast<uint8_t>(last & 0xff);
    expect_same({{0, 0, 0}, {1, 0}, {0, 0}}, blocks, 1);
    if (testing::Test::HasFatalFailure()) FAIL() << "seed 130, round " << round;
    ++tried;
  }
  EXPECT_GT(tried, 1000u);
}

// ------------------------------------------------------------------------------------------------- the AEAD

/// What soft seals, in one piece.
ByteVector sealed_by_soft(Bytes key, const AeadNonce& nonce, Bytes aad, Bytes text) {
  return seal(*chacha20_poly1305_kernels().back().algorithm->make_key(key), nonce, aad, text);
}

TEST(ChaCha20Poly1305Kernels, every_length) {
  std::mt19937_64 random(2048);
  const ByteVector key_bytes = random_bytes(random, 32), text = random_bytes(random, 16'500);
  std::vector<size_t> sizes(2200);
  std::iota(sizes.begin(), sizes.end(), size_t{0});
  for (const size_t around : {4096u, 8192u, 16'384u})
    for (size_t size = around - 66; size <= around + 66; size += 3) sizes.push_back(size);
  for (const size_t size : sizes) {
    const AeadNonce nonce = random_nonce(random);
    const ByteVector aad = random_bytes(random, random() % 8 == 0 ? random() % 700 : 5);
    const Bytes some = Bytes(text).first(size);
    const ByteVector sealed = sealed_by_soft(key_bytes, nonce, aad, some);
    for (const auto* kernel : runnable(chacha20_poly1305_kernels())) {
      const auto key = kernel->algorithm->make_key(key_bytes);
      ASSERT_EQ(seal(*key, nonce, aad, some), sealed) << kernel->name << ", seed 2048, size " << size;
      ASSERT_EQ(open(*key, nonce, aad, sealed), to_vector(some)) << kernel->name << ", size " << size;
      ByteVector forged = sealed;
      forged[random() % forged.size()] ^= static_cast<uint8_t>(1u << random() % 8);
      ASSERT_FALSE(key->open(forged, nonce, aad)) << kernel->name << ", seed 2048, size " << size;
      ASSERT_EQ(forged, ByteVector(forged.size())) << kernel->name << ", seed 2048, size " << size;
    }
  }
}

TEST(ChaCha20Poly1305Kernels, pieces_of_any_size_anywhere) {
  std::mt19937_64 random(5116);
  for (size_t round = 0; round < 1500; ++round) {
    const ByteVector key_bytes = random_bytes(random, 32), aad = random_bytes(random, 5);
    const ByteVector text = random_bytes(random, random() % 17'000);
    const AeadNonce nonce = random_nonce(random);
    const ByteVector sealed = sealed_by_soft(key_bytes, nonce, aad, text);
    std::vector<Bytes> pieces;
    for (Bytes left = text; !left.empty();) {
      constexpr size_t most[] = {40, 700, 9000, 17'000};
      const size_t size = std::min<size_t>(left.size(), random() % most[random() % std::size(most)]);
      pieces.push_back(left.first(size));
      left = left.subspan(size);
    }
    for (const auto* kernel : runnable(chacha20_poly1305_kernels())) {
      const auto key = kernel->algorithm->make_key(key_bytes);
      ByteVector out(sealed.size());
      key->seal(out, nonce, aad, pieces);
      ASSERT_EQ(out, sealed) << kernel->name << ", seed 5116, round " << round;
      if (pieces.empty()) continue;
      std::vector<Bytes> moved = pieces;  // the first piece where its ciphertext goes
      out.assign(out.size(), 0);
      std::copy(pieces[0].begin(), pieces[0].end(), out.begin());
      moved[0] = Bytes(out).first(pieces[0].size());
      key->seal(out, nonce, aad, moved);
      ASSERT_EQ(out, sealed) << kernel->name << ", seed 5116, round " << round << ", the first in place";
    }
  }
}

#if defined(__x86_64__)
TEST(ChaCha20Poly1305Kernels, a_machine_gets_what_it_can_run) {
  const auto picked = [](CpuBits have) { return pick(chacha20_poly1305_kernels(), have).name; };
  EXPECT_EQ(picked(cpu::avx2 | cpu::avx512 | cpu::avx512_ifma), "ifma");
  EXPECT_EQ(picked(cpu::avx2 | cpu::avx512), "avx512");
  EXPECT_EQ(picked(cpu::avx2 | cpu::avx512_ifma), "avx2");
  EXPECT_EQ(picked(cpu::avx2), "avx2");
  EXPECT_EQ(picked(cpu::avx512 | cpu::avx512_ifma), "soft") << "the kernels of AVX-512 use AVX2 too";
  EXPECT_EQ(picked(0), "soft");
  ASSERT_EQ(functions().size(), chacha20_poly1305_kernels().size());
  for (size_t i = 0; i < functions().size(); ++i) {
    EXPECT_EQ(functions()[i].name, chacha20_poly1305_kernels()[i].name);
    EXPECT_EQ(functions()[i].needs, chacha20_poly1305_kernels()[i].needs);
  }
}
#endif

}  // namespace
}  // namespace bulla::test
