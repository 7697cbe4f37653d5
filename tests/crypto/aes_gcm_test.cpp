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

TEST(Ghash, known_values) {
  for (const auto* kernel : runnable(aes_gcm::functions())) {
    const Functions& f = *kernel->algorithm;
    for (const KnownGhash& k : known_ghash) {
      const ByteVector aad = from_hex(k.aad), text = from_hex(k.text);
      aes_gcm::Key key;
      aes_gcm::Record record;
      f.set_key(key, from_hex(k.key));
      EXPECT_TRUE(same(key.powers[0], aes_gcm::times_x(field_of(from_hex(k.h))))) << kernel->name;
      f.start(key, record, to_nonce(from_hex(k.nonce)), aad);
      ByteVector out(text.size()), tag(16);
      f.seal(key, record, out.data(), text.data(), text.size());
      f.finish(key, record, aad.size(), text.size(), tag.data());
      for (size_t i = 0; i < 16; ++i) tag[i] ^= record.mask[i];
      EXPECT_EQ(to_hex(tag), k.ghash) << kernel->name;
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

/// What the kernel makes of one block, if H' is `h`.
Field product_by(const Functions& f, Field h, Field x) {
  aes_gcm::Key key;
  aes_gcm::Record record;
  f.set_key(key, ByteVector(16));
  key.powers[0] = h;
  key.sums[0] = {h.low ^ h.high, h.low ^ h.high};
  ByteVector block(16);
  for (size_t i = 0; i < 8; ++i) {
    block[7 - i] = static_cast<uint8_t>(x.high >> 8 * i);
    block[15 - i] = static_cast<uint8_t>(x.low >> 8 * i);
  }
  f.start(key, record, {}, block);
  return record.y;
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
    for (size_t size = 0; size <= 600; ++size) {
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

// SP 800-38D §6.2: inc32 leaves the other 96 bits alone. No record is so long; the steps are right all the
// same.
TEST(AesGcmKernels, the_counter_wraps_in_its_32_bits) {
  constexpr size_t size = 40 * 16;
  std::mt19937_64 random(32);
  const ByteVector key_bytes = random_bytes(random, 32), text = random_bytes(random, size);
  const AeadNonce nonce = random_nonce(random);
  for (const uint32_t first : {0xffffffffu, 0xfffffffeu, 0xfffffff8u, 0xffffffe0u, 0xfffffffcu}) {
    ByteVector stream(size);
    aes::Schedule schedule;
    const auto& cipher = *aes::kernels().back().algorithm;
    cipher.expand(schedule, key_bytes);
    for (size_t i = 0; i < size / 16; ++i) {
      const auto counter = static_cast<uint32_t>(first + i);
      std::copy(nonce.begin(), nonce.end(), &stream[16 * i]);
      for (size_t j = 0; j < 4; ++j) stream[16 * i + 12 + j] = static_cast<uint8_t>(counter >> (24 - 8 * j));
    }
    cipher.encrypt(schedule, stream.data(), stream.data(), size / 16);
    for (size_t i = 0; i < size; ++i) stream[i] ^= text[i];
    for (const auto* kernel : runnable(aes_gcm::functions())) {
      const Functions& f = *kernel->algorithm;
      aes_gcm::Key key;
      aes_gcm::Record record;
      f.set_key(key, key_bytes);
      f.start(key, record, nonce, {});
      record.counter = first;
      ByteVector out(size);
      f.seal(key, record, out.data(), text.data(), size / 2);
      f.seal(key, record, out.data() + size / 2, text.data() + size / 2, size / 2);
      EXPECT_EQ(out, stream) << kernel->name << ' ' << first;
      record.counter = first;
      f.open(key, record, out.data(), out.data(), size);
      EXPECT_EQ(out, text) << kernel->name << ' ' << first;
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
      for (size_t size = 0; size <= 600; ++size) {
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
  constexpr CpuBits all = cpu::aes | cpu::pclmul | cpu::ssse3 | cpu::sse41;
  EXPECT_EQ(pick(aes_128_gcm_kernels(), all).name, "aesni");
  EXPECT_EQ(pick(aes_256_gcm_kernels(), all).name, "aesni");
  for (const CpuBits missing : {cpu::aes, cpu::pclmul, cpu::ssse3, cpu::sse41}) {
    EXPECT_EQ(pick(aes_128_gcm_kernels(), all & ~missing).name, "soft");
    EXPECT_EQ(pick(aes_256_gcm_kernels(), all & ~missing).name, "soft");
  }
  EXPECT_EQ(pick(aes_cbc_kernels(), cpu::aes).name, "aesni");
  EXPECT_EQ(pick(aes_cbc_kernels(), all & ~cpu::aes).name, "soft");
}
#endif

}  // namespace
}  // namespace bulla::test
