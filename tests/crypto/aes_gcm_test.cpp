// AES-GCM: each kernel's steps by themselves, all kernels against each other and against libcrypto. What
// every AEAD must do stands in aead_test.cpp.
#include "crypto/aes_gcm/aes_gcm.h"
#include "crypto/aes_cbc/aes_cbc.h"
#include "crypto/aes_gcm/impl.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"
#include "support/witness.h"

#include <array>
#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto;
using aes_gcm::Field;
using aes_gcm::Functions;

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

/// Sixteen bytes in the order of GHASH.
Field field_of(Bytes block) {
  Field f{0, 0};
  for (size_t i = 0; i < 8; ++i) {
    f.high = f.high << 8 | block[i];
    f.low = f.low << 8 | block[8 + i];
  }
  return f;
}
bool same(Field a, Field b) {
  return a.low == b.low && a.high == b.high;
}

// --------------------------------------------------------------------------------------------------- GHASH

struct KnownGhash {
  const char *key, *nonce, *aad, *text, *h, *ghash;
};

// McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B: H and GHASH(H, A, C) of the
// test cases with 12-byte nonces and with keys of 128 and 256 bits.
constexpr const char* long_text =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
constexpr const char* short_text =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr const char* zeros = "00000000000000000000000000000000";
constexpr const char* nonzero_key = "feffe9928665731c6d6a8f9467308308";
constexpr const char* zeros_256 = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr const char* nonzero_key_256 = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr const char* additional = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr KnownGhash known_ghash[] = {
    {zeros, "000000000000000000000000", "", "", "66e94bd4ef8a2c3b884cfa59ca342b2e",
     "00000000000000000000000000000000"},
    {zeros, "000000000000000000000000", "", zeros, "66e94bd4ef8a2c3b884cfa59ca342b2e",
     "f38cbb1ad69223dcc3457ae5b6b0f885"},
    {nonzero_key, "cafebabefacedbaddecaf888", "", long_text, "b83b533708bf535d0aa6e52980d53b78",
     "7f1b32b81b820d02614f8895ac1d4eac"},
    {nonzero_key, "cafebabefacedbaddecaf888", additional, short_text, "b83b533708bf535d0aa6e52980d53b78",
     "698e57f70e6ecc7fd9463b7260a9ae5f"},
    {zeros_256, "000000000000000000000000", "", "", "dc95c078a2408989ad48a21492842087",
     "00000000000000000000000000000000"},
    {zeros_256, "000000000000000000000000", "", zeros, "dc95c078a2408989ad48a21492842087",
     "83de425c5edc5d498f382c441041ca92"},
    {nonzero_key_256, "cafebabefacedbaddecaf888", "", long_text, "acbef20579b4b8ebce889bac8732dad7",
     "4db870d37cb75fcb46097c36230d1612"},
    {nonzero_key_256, "cafebabefacedbaddecaf888", additional, short_text, "acbef20579b4b8ebce889bac8732dad7",
     "8bd0c4d8aacd391e67cca447e8c38f65"},
};

/// A record in one run.
struct OneRun {
  AeadNonce nonce;
  ByteVector aad, text;
  uint32_t first_counter = 1;

  /// What `by` makes of it, sealing or opening, and the tag behind that.
  ByteVector crypt(const Functions& by, const aes_gcm::Key& key, bool sealing, Field lengths) const {
    ByteVector out(text.size() + aead_tag_size);
    const Bytes in = text;
    const aes_gcm::Record record{nonce, aad, lengths, out.data(), {&in, 1}, first_counter};
    (sealing ? by.seal : by.open)(key, record, out.data() + text.size());
    return out;
  }
  ByteVector crypt(const Functions& by, const aes_gcm::Key& key, bool sealing) const {
    return crypt(by, key, sealing, aes_gcm::lengths_of(aad.size(), text.size()));
  }
};

/// The cipher on blocks, by `soft`.
ByteVector encrypted(Bytes key, ByteVector blocks) {
  aes::Schedule schedule;
  const auto& cipher = *aes::kernels().back().algorithm;
  cipher.expand(schedule, key);
  cipher.encrypt(schedule, blocks.data(), blocks.data(), blocks.size() / aes::block_size);
  return blocks;
}
/// nonce ‖ counter.
ByteVector counter_block(const AeadNonce& nonce, uint32_t counter) {
  ByteVector out(nonce.begin(), nonce.end());
  for (unsigned shift = 32; shift > 0; shift -= 8)
    out.push_back(static_cast<uint8_t>(counter >> (shift - 8)));
  return out;
}
/// Of which the tag is the sum with GHASH.
ByteVector mask_of(Bytes key, const AeadNonce& nonce) {
  return encrypted(key, counter_block(nonce, 1));
}
ByteVector added(Bytes a, Bytes b) {
  ByteVector out(a.begin(), a.end());
  for (size_t i = 0; i < out.size(); ++i) out[i] ^= b[i];
  return out;
}

TEST(Ghash, known_values) {
  for (const auto* kernel : runnable(aes_gcm::functions())) {
    const Functions& f = *kernel->algorithm;
    for (const KnownGhash& k : known_ghash) {
      const ByteVector key_bytes = from_hex(k.key);
      const OneRun record{to_nonce(from_hex(k.nonce)), from_hex(k.aad), from_hex(k.text)};
      const ByteVector mask = mask_of(key_bytes, record.nonce);
      aes_gcm::Key key;
      f.set_key(key, key_bytes);
      const ByteVector out = record.crypt(f, key, true);
      EXPECT_EQ(to_hex(added(Bytes(out).last(16), mask)), k.ghash) << kernel->name;
      EXPECT_EQ(to_hex(encrypted(key_bytes, ByteVector(16))), k.h);
      f.set_hash_key(key, aes_gcm::times_x(field_of(from_hex(k.h))));
      EXPECT_EQ(record.crypt(f, key, true), out) << kernel->name;
    }
  }
}

/// dot(a, b) of RFC 8452 §3 bit by bit: for each bit of `a`, b is added, and the sum divided by x.
Field slow_dot(Field a, Field b) {
  Field sum{0, 0};
  for (int i = 0; i < 128; ++i) {
    if ((i < 64 ? a.low >> i : a.high >> (i - 64)) & 1) sum.low ^= b.low, sum.high ^= b.high;
    const bool odd = sum.low & 1;
    if (odd) sum.low ^= 1, sum.high ^= 0xc200000000000000;  // x^128 is what is missing
    sum.low = sum.low >> 1 | sum.high << 63;
    sum.high = sum.high >> 1 | (odd ? uint64_t{1} << 63 : 0);
  }
  return sum;
}

/// The kernel's GHASH of additional data, with H' = `h` and any block of lengths.
Field ghash_by(const Functions& f, Field h, const ByteVector& aad, Field lengths) {
  static const ByteVector key_bytes(16), mask = mask_of(key_bytes, {});
  aes_gcm::Key key;
  f.set_key(key, key_bytes);
  f.set_hash_key(key, h);
  return field_of(added(OneRun{{}, aad, {}}.crypt(f, key, true, lengths), mask));
}
/// dot(x, h), where x is taken for the lengths.
Field product_by(const Functions& f, Field h, Field x) {
  return ghash_by(f, h, {}, x);
}
/// GHASH by slow_dot().
Field slow_ghash(Field h, Bytes blocks, Field lengths) {
  Field y{0, 0};
  const auto take = [&](Field x) { y = slow_dot({y.low ^ x.low, y.high ^ x.high}, h); };
  for (; !blocks.empty(); blocks = blocks.subspan(16)) take(field_of(blocks.first(16)));
  take(lengths);
  return y;
}

// Every power of H' that a kernel keeps stands for itself: one block, with up to 70 zero blocks behind it.
TEST(Ghash, every_power) {
  std::mt19937_64 random(70);
  for (const auto* kernel : runnable(aes_gcm::functions())) {
    for (const Field h : {Field{random(), random()}, Field{~uint64_t{0}, ~uint64_t{0}}, Field{1, 0},
                          Field{0, uint64_t{1} << 63}}) {
      for (size_t zeros = 0; zeros <= 70; ++zeros) {
        ByteVector blocks = random_bytes(random, 16);
        blocks.resize(16 * (1 + zeros));
        const Field wanted = slow_ghash(h, blocks, {0, 0});
        ASSERT_TRUE(same(ghash_by(*kernel->algorithm, h, blocks, {0, 0}), wanted)) << kernel->name << zeros;

        aes_gcm::Key key;
        const ByteVector key_bytes(16, 1);
        kernel->algorithm->set_key(key, key_bytes);
        kernel->algorithm->set_hash_key(key, h);
        const ByteVector opened = OneRun{{}, {}, blocks}.crypt(*kernel->algorithm, key, false, {0, 0});
        ASSERT_TRUE(same(field_of(added(Bytes(opened).last(16), mask_of(key_bytes, {}))), wanted))
            << kernel->name << " as text, " << zeros;
      }
    }
  }
}

// Where a multiplication with holes goes wrong: as many ones as there can be, at every place.
TEST(Ghash, edges_of_multiplication) {
  std::vector<uint64_t> words = {
      0, 1, ~uint64_t{0}, uint64_t{1} << 63, 0x0fffffffffffffff, 0xf000000000000000};
  for (int i = 0; i < 4; ++i) words.push_back(uint64_t{0x1111111111111111} << i);
  words.push_back(0xc200000000000000);
  for (const auto* kernel : runnable(aes_gcm::functions()))
    for (const uint64_t a : words)
      for (const uint64_t b : words)
        for (const uint64_t c : words)
          for (const Field x : {Field{c, a}, Field{a, c}, Field{c, c}}) {
            const Field h{a, b};
            ASSERT_TRUE(same(product_by(*kernel->algorithm, h, x), slow_dot(x, h)))
                << kernel->name << std::hex << ' ' << h.low << ' ' << h.high << ' ' << x.low << ' ' << x.high;
          }
}

TEST(Ghash, single_bits_and_random_products) {
  std::mt19937_64 random(128);
  for (const auto* kernel : runnable(aes_gcm::functions())) {
    for (int i = 0; i < 128; ++i)
      for (int j = 0; j < 128; j += 3) {
        const Field a{i < 64 ? uint64_t{1} << i : 0, i < 64 ? 0 : uint64_t{1} << (i - 64)};
        const Field b{j < 64 ? uint64_t{1} << j : 0, j < 64 ? 0 : uint64_t{1} << (j - 64)};
        ASSERT_TRUE(same(product_by(*kernel->algorithm, a, b), slow_dot(a, b)))
            << kernel->name << ' ' << i << ' ' << j;
      }
    for (int i = 0; i < 500; ++i) {
      const Field a{random(), random()}, b{random(), random()};
      ASSERT_TRUE(same(product_by(*kernel->algorithm, a, b), slow_dot(a, b)))
          << kernel->name << ", seed 128, case " << i;
    }
  }
}

// ----------------------------------------------------------------------------------------- kernels agree

using Algorithms = std::span<const Kernel<AeadAlgorithm>>;
const std::array<std::pair<AeadId, Algorithms>, 2> both = {
    {{AeadId::aes_128_gcm, aes_128_gcm_kernels()}, {AeadId::aes_256_gcm, aes_256_gcm_kernels()}}};

/// Every length at some alignment, in place and elsewhere; the wanted answers are libcrypto's.
TEST(AesGcmKernels, agree_with_libcrypto_on_every_length) {
  BULLA_NEED_WITNESS();
  for (const auto& [id, table] : both) {
    std::mt19937_64 random(600);
    for (size_t size = 0; size <= 1700; ++size) {
      const ByteVector key_bytes = random_bytes(random, witness()->aead(id)->key_size);
      const ByteVector text = random_bytes(random, size), aad = random_bytes(random, random() % 300);
      const AeadNonce nonce = random_nonce(random);
      const ByteVector sealed = seal(*witness()->aead(id)->make_key(key_bytes), nonce, aad, text);
      for (const auto* kernel : runnable(table)) {
        SCOPED_TRACE(std::string(kernel->name) + ", seed 600, size " + std::to_string(size));
        const auto key = kernel->algorithm->make_key(key_bytes);
        for (int i = 0; i < 4; ++i) {
          const size_t from = random() % 32, to = random() % 32;
          ByteVector in_room(size + 32), out_room(size + 64, 0xa5);
          std::copy(text.begin(), text.end(), in_room.begin() + static_cast<ptrdiff_t>(from));
          const MutBytes out = MutBytes(out_room).subspan(to, sealed.size());
          const bool in_place = i % 2 == 0;
          if (in_place) std::copy(text.begin(), text.end(), out.begin());
          const Bytes in = in_place ? Bytes(out.first(size)) : Bytes(in_room).subspan(from, size);
          key->seal(out, nonce, aad, {&in, 1});
          ASSERT_TRUE(equal_vartime(out, sealed));
          ASSERT_TRUE(key->open(out, nonce, aad));
          ASSERT_TRUE(equal_vartime(out.first(size), text));
          ByteVector around(size + 64, 0xa5);
          std::copy(text.begin(), text.end(), around.begin() + static_cast<ptrdiff_t>(to));
          std::copy_n(out.end() - 16, 16, around.begin() + static_cast<ptrdiff_t>(to + size));
          ASSERT_EQ(out_room, around) << "bytes outside are kept";
        }
      }
    }
  }
}

TEST(AesGcmKernels, agree_with_libcrypto_on_additional_data_of_every_length) {
  BULLA_NEED_WITNESS();
  for (const auto& [id, table] : both) {
    std::mt19937_64 random(38);
    for (size_t size = 0; size <= 300; ++size) {
      const ByteVector key_bytes = random_bytes(random, witness()->aead(id)->key_size);
      const ByteVector text = random_bytes(random, random() % 40), aad = random_bytes(random, size);
      const AeadNonce nonce = random_nonce(random);
      const ByteVector sealed = seal(*witness()->aead(id)->make_key(key_bytes), nonce, aad, text);
      for (const auto* kernel : runnable(table)) {
        const auto key = kernel->algorithm->make_key(key_bytes);
        ASSERT_EQ(seal(*key, nonce, aad, text), sealed) << kernel->name << ", seed 38, size " << size;
        ASSERT_EQ(open(*key, nonce, aad, sealed), text) << kernel->name << ", seed 38, size " << size;
      }
    }
  }
}

TEST(AesGcmKernels, agree_with_libcrypto_on_random_pieces) {
  BULLA_NEED_WITNESS();
  for (const auto& [id, table] : both) {
    std::mt19937_64 random(5116);
    for (int i = 0; i < 300; ++i) {
      const ByteVector key_bytes = random_bytes(random, witness()->aead(id)->key_size);
      const ByteVector text = random_bytes(random, random() % 6000), aad = random_bytes(random, 5);
      const AeadNonce nonce = random_nonce(random);
      const ByteVector sealed = seal(*witness()->aead(id)->make_key(key_bytes), nonce, aad, text);
      std::vector<Bytes> pieces;
      for (Bytes left = text; !left.empty();) {
        const size_t most = random() % 3 == 0 ? 40 : 1500;
        const size_t size = std::min<size_t>(left.size(), random() % most);
        pieces.push_back(left.first(size));
        left = left.subspan(size);
      }
      for (const auto* kernel : runnable(table)) {
        const auto key = kernel->algorithm->make_key(key_bytes);
        ByteVector out(sealed.size());
        key->seal(out, nonce, aad, pieces);
        ASSERT_EQ(out, sealed) << kernel->name << ", seed 5116, case " << i;
        if (pieces.empty()) continue;
        std::vector<Bytes> moved = pieces;  // the first piece where its ciphertext goes
        out.assign(out.size(), 0);
        std::copy(pieces[0].begin(), pieces[0].end(), out.begin());
        moved[0] = Bytes(out).first(pieces[0].size());
        key->seal(out, nonce, aad, moved);
        ASSERT_EQ(out, sealed) << kernel->name << ", seed 5116, case " << i << ", the first in place";
      }
    }
  }
}

// SP 800-38D §6.2: inc32 leaves the other 96 bits alone. No record is so long; kernels are right all the
// same. And where a byte of the counter carries.
TEST(AesGcmKernels, the_counter_wraps_in_its_32_bits) {
  constexpr size_t blocks = 150;
  std::mt19937_64 random(32);
  const ByteVector key_bytes = random_bytes(random, 32);
  for (const uint32_t first : {0xffffffffu, 0xfffffffeu, 0xfffffff8u, 0xffffffe0u, 0xfffffffcu, 0xffffff90u,
                               0xfeu, 0xffffu, 0xfffff0u, 0x7fffffe0u}) {
    OneRun record{random_nonce(random), random_bytes(random, 5), random_bytes(random, 16 * blocks), first};
    ByteVector stream;
    for (uint32_t i = 1; i <= blocks; ++i) {
      const ByteVector block = counter_block(record.nonce, first + i);
      stream.insert(stream.end(), block.begin(), block.end());
    }
    const ByteVector sealed = added(record.text, encrypted(key_bytes, stream));
    for (const auto* kernel : runnable(aes_gcm::functions())) {
      aes_gcm::Key key;
      kernel->algorithm->set_key(key, key_bytes);
      const ByteVector out = record.crypt(*kernel->algorithm, key, true);
      EXPECT_TRUE(equal_vartime(Bytes(out).first(sealed.size()), sealed)) << kernel->name << ' ' << first;
      OneRun back = record;
      back.text = sealed;
      const ByteVector opened = back.crypt(*kernel->algorithm, key, false);
      EXPECT_TRUE(equal_vartime(Bytes(opened).first(sealed.size()), record.text)) << kernel->name << first;
      EXPECT_TRUE(equal_vartime(Bytes(opened).last(16), Bytes(out).last(16))) << kernel->name << ' ' << first;
    }
  }
}

// Every way to cut a text at multiples of run_unit, in place and from elsewhere.
TEST(AesGcmKernels, runs_give_what_one_run_gives) {
  using aes_gcm::run_unit;
  std::mt19937_64 random(512);
  const ByteVector key_bytes = random_bytes(random, 16);
  for (const size_t end : {0u, 1u, 64u, 300u, 511u, 512u, 513u}) {
    const OneRun record{random_nonce(random), random_bytes(random, 13),
                        random_bytes(random, 3 * run_unit + end)};
    for (const auto* kernel : runnable(aes_gcm::functions())) {
      aes_gcm::Key key;
      kernel->algorithm->set_key(key, key_bytes);
      for (const bool sealing : {true, false}) {
        const ByteVector wanted = record.crypt(*kernel->algorithm, key, sealing);
        for (unsigned cuts = 0; cuts < 64; ++cuts) {
          ByteVector out(wanted.size());
          std::vector<Bytes> runs;
          size_t begin = 0;
          for (size_t i = 1; i <= 3; ++i) {
            if (i < 3 && (cuts >> i & 1) == 0) continue;
            const size_t size = i * run_unit - begin;
            runs.push_back(Bytes(record.text).subspan(begin, size));
            if (cuts >> (i + 2) & 1) {
              std::copy(runs.back().begin(), runs.back().end(), &out[begin]);
              runs.back() = Bytes(out).subspan(begin, size);
            }
            begin += size;
          }
          runs.push_back(Bytes(record.text).subspan(begin));
          const auto lengths = aes_gcm::lengths_of(record.aad.size(), record.text.size());
          const aes_gcm::Record in_runs{record.nonce, record.aad, lengths, out.data(), runs};
          const auto crypt = sealing ? kernel->algorithm->seal : kernel->algorithm->open;
          crypt(key, in_runs, out.data() + record.text.size());
          ASSERT_EQ(out, wanted) << kernel->name << ", end " << end << ", cuts " << cuts;
        }
      }
    }
  }
}

// A mebibyte and a bit: longer than records, within what one call may take.
TEST(AesGcmKernels, long_messages) {
  BULLA_NEED_WITNESS();
  std::mt19937_64 random(39);
  const ByteVector key_bytes = random_bytes(random, 16), text = random_bytes(random, (1u << 20) + 77);
  const AeadNonce nonce = random_nonce(random);
  const ByteVector sealed = seal(*witness()->aead(AeadId::aes_128_gcm)->make_key(key_bytes), nonce, {}, text);
  for (const auto* kernel : runnable(aes_128_gcm_kernels())) {
    const auto key = kernel->algorithm->make_key(key_bytes);
    EXPECT_TRUE(seal(*key, nonce, {}, text) == sealed) << kernel->name;
    EXPECT_TRUE(open(*key, nonce, {}, sealed) == text) << kernel->name;
  }
}

TEST(AesGcmKernels, forgeries_of_every_length_are_refused_and_nothing_is_left) {
  for (const auto& [id, table] : both) {
    for (const auto* kernel : runnable(table)) {
      std::mt19937_64 random(77);
      const auto key = kernel->algorithm->make_key(random_bytes(random, kernel->algorithm->key_size));
      for (size_t size = 0; size <= 1100; ++size) {
        const AeadNonce nonce = random_nonce(random);
        ByteVector sealed = seal(*key, nonce, {}, random_bytes(random, size));
        sealed[random() % sealed.size()] ^= static_cast<uint8_t>(1u << random() % 8);
        ASSERT_FALSE(key->open(sealed, nonce, {})) << kernel->name << ", seed 77, size " << size;
        ASSERT_EQ(sealed, ByteVector(sealed.size())) << kernel->name << ", seed 77, size " << size;
      }
    }
  }
}

TEST(AesGcmKernels, algorithms_say_what_those_of_libcrypto_say) {
  BULLA_NEED_WITNESS();
  for (const auto& [id, table] : both) {
    const AeadAlgorithm& wanted = *witness()->aead(id);
    ASSERT_FALSE(table.empty());
    EXPECT_EQ(table.back().name, "soft");
    EXPECT_EQ(table.back().needs, 0u);
    for (const auto& kernel : table) {
      EXPECT_EQ(kernel.algorithm->id, wanted.id);
      EXPECT_EQ(kernel.algorithm->name, wanted.name);
      EXPECT_EQ(kernel.algorithm->key_size, wanted.key_size);
      EXPECT_EQ(kernel.algorithm->confidentiality_limit, wanted.confidentiality_limit);
    }
  }
}

// SP 800-38D §5.2.1.1. The memory is never looked at, so it need not be there.
TEST(AesGcmDeathTest, a_text_for_which_the_counter_is_too_short_ends_the_process) {
  ByteVector buffer(64);
  const size_t too_long = (size_t{1} << 36) - 31;
  for (const auto& [id, table] : both) {
    for (const auto* kernel : runnable(table)) {
      const auto key = kernel->algorithm->make_key(ByteVector(kernel->algorithm->key_size));
      const Bytes in(buffer.data(), too_long);
      EXPECT_DEATH(key->seal({buffer.data(), too_long + aead_tag_size}, {}, {}, {&in, 1}), "64 GiB");
    }
  }
}

#if defined(__x86_64__)
TEST(AesGcmKernels, a_machine_gets_what_it_can_run) {
  constexpr CpuBits old = cpu::aes | cpu::pclmul | cpu::ssse3 | cpu::sse41;
  constexpr CpuBits wide = cpu::avx | cpu::avx2 | cpu::vaes | cpu::vpclmul, widest = wide | cpu::avx512;
  for (const auto table : {aes_128_gcm_kernels(), aes_256_gcm_kernels()}) {
    EXPECT_EQ(pick(table, old | widest).name, "vaes_avx512");
    EXPECT_EQ(pick(table, old | wide).name, "vaes_avx2");
    EXPECT_EQ(pick(table, old).name, "aesni");
    for (const CpuBits missing : {cpu::avx, cpu::avx2, cpu::vaes, cpu::vpclmul}) {
      EXPECT_EQ(pick(table, old | (wide & ~missing)).name, "aesni");
      EXPECT_EQ(pick(table, old | (widest & ~missing)).name, "aesni");
    }
    for (const CpuBits missing : {cpu::aes, cpu::pclmul, cpu::ssse3, cpu::sse41})
      EXPECT_EQ(pick(table, (old & ~missing) | widest).name, "soft");
  }
  EXPECT_EQ(pick(aes_cbc_kernels(), cpu::aes).name, "aesni");
  EXPECT_EQ(pick(aes_cbc_kernels(), old & ~cpu::aes).name, "soft");
}
#endif

}  // namespace
}  // namespace bulla::test
