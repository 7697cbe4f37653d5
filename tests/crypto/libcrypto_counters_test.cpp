// Counters at their edges: lengths that take more than 32 bits, blocks that take more than 8 or 16, and texts
// that are too long for a counter. What takes seconds or gigabytes is done in ./test --full.
#include "crypto/aes_gcm/aes_gcm.h"
#include "crypto/aes_gcm/impl.h"
#include "crypto/chacha20_poly1305/chacha20_poly1305.h"
#include "crypto/hkdf.h"
#include "crypto/merkle_damgard.h"
#include "crypto/one_shot.h"
#include "crypto/pbkdf2.h"
#include "crypto/sha1/sha1.h"
#include "crypto/sha2/sha2.h"
#include "support/witness.h"

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <sys/mman.h>

#include <cstdlib>

namespace bulla::test {
namespace {

using crypto::Kernel;

#define BULLA_NEED_FULL() \
  if (!std::getenv("BULLA_FULL")) GTEST_SKIP() << "./test --full does this"

template <class Algorithm>
std::vector<const Kernel<Algorithm>*> runnable(std::span<const Kernel<Algorithm>> table) {
  std::vector<const Kernel<Algorithm>*> out;
  for (const auto& kernel : table)
    if (kernel.runs_on(crypto::cpu_word())) out.push_back(&kernel);
  return out;
}

// ------------------------------------------------------------------------------------------------- hashes

template <class Word, size_t words>
constexpr Word initial[words] = {};
template <class Word>
void compress(Word*, const uint8_t*, size_t) noexcept {}
/// What the state of a hash with so many words looks like; its values do not matter here.
template <class Word, size_t words>
using StateOf = typename crypto::MerkleDamgard<Word, initial<Word, words>, compress<Word>, 1>::State;

/// One of libcrypto's contexts, whose count of bits is open to see.
template <class Context, auto Init, auto Update, auto Final>
ByteVector libcrypto(uint64_t bytes_before, Bytes tail, size_t digest_size) {
  using Half = decltype(Context::Nl);
  constexpr unsigned half_bits = 8 * sizeof(Half);
  Context context;
  EXPECT_EQ(Init(&context), 1);
  const unsigned __int128 bits = static_cast<unsigned __int128>(bytes_before) * 8;
  context.Nl = static_cast<Half>(bits);
  context.Nh = static_cast<Half>(bits >> half_bits);
  EXPECT_EQ(Update(&context, tail.data(), tail.size()), 1);
  ByteVector out(SHA512_DIGEST_LENGTH);
  EXPECT_EQ(Final(out.data(), &context), 1);
  out.resize(digest_size);
  return out;
}

// A count that begins near an edge stands for the whole blocks that were taken in before. FIPS 180-4 §5.1:
// the count of bits has 64 bits, that of SHA-384 and SHA-512 has 128, of which a machine reaches 67.
template <class State, auto Witness>
void check_counts(std::span<const Kernel<HashAlgorithm>> table) {
  for (const auto* kernel : runnable(table)) {
    const HashAlgorithm& hash = *kernel->algorithm;
    ASSERT_EQ(hash.state_size, sizeof(State)) << kernel->name;
    for (const unsigned power : {29u, 31u, 32u, 33u, 35u, 40u, 60u, 61u, 63u}) {
      if (power > 60 && hash.block_size == 64) continue;
      const uint64_t before = (uint64_t{1} << power) - hash.block_size;
      for (size_t size = 0; size <= 3 * size_t{hash.block_size}; size += 7) {
        const ByteVector tail(size, 0x5a);
        alignas(16) std::array<uint8_t, HashContext::max_state_size> memory;
        hash.init(memory.data());
        reinterpret_cast<State*>(memory.data())->size = before;
        hash.update(memory.data(), tail);
        ByteVector out(hash.digest_size);
        hash.finish(memory.data(), out.data());
        ASSERT_EQ(out, Witness(before, tail, out.size())) << kernel->name << " 2^" << power << ' ' << size;
      }
    }
  }
}

TEST(HashCounters, edges_of_the_count_of_bits) {
  check_counts<StateOf<uint32_t, 5>, libcrypto<SHA_CTX, SHA1_Init, SHA1_Update, SHA1_Final>>(
      crypto::sha1_kernels());
  check_counts<StateOf<uint32_t, 8>, libcrypto<SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final>>(
      crypto::sha256_kernels());
  check_counts<StateOf<uint64_t, 8>, libcrypto<SHA512_CTX, SHA384_Init, SHA384_Update, SHA384_Final>>(
      crypto::sha384_kernels());
  check_counts<StateOf<uint64_t, 8>, libcrypto<SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final>>(
      crypto::sha512_kernels());
}

/// Zeros that take no memory: all their pages are one.
class Zeros {
 public:
  explicit Zeros(size_t size)
      : size_(size), at_(mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (at_ == MAP_FAILED) std::abort();
  }
  ~Zeros() { munmap(at_, size_); }
  Zeros(const Zeros&) = delete;
  Zeros& operator=(const Zeros&) = delete;
  Bytes bytes() const { return {static_cast<const uint8_t*>(at_), size_}; }

 private:
  size_t size_;
  void* at_;
};

class LongHash : public testing::TestWithParam<std::span<const Kernel<HashAlgorithm>>> {};

// More than 2^32 bytes, and so 2^35 bits, in one call.
TEST_P(LongHash, messages_of_gigabytes) {
  BULLA_NEED_FULL();
  const Zeros zeros((uint64_t{1} << 32) + 77);
  const ByteVector wanted = digest(*witness()->hash(GetParam().back().algorithm->id), zeros.bytes());
  for (const auto* kernel : runnable(GetParam()))
    EXPECT_EQ(digest(*kernel->algorithm, zeros.bytes()), wanted) << kernel->name;
}

INSTANTIATE_TEST_SUITE_P(HashCounters, LongHash,
                         testing::Values(crypto::sha1_kernels(), crypto::sha256_kernels(),
                                         crypto::sha512_kernels()),
                         [](const auto& info) {
                           std::string name(info.param.back().algorithm->name);
                           std::erase(name, '-');
                           return name;
                         });

// -------------------------------------------------------------------------------------------------- AEADs

// SP 800-38D §7.1: both lengths in bits, in 64 bits each. (What kernels make of that block:
// aes_gcm_test.cpp.)
TEST(AeadCounters, lengths_that_gcm_hashes_take_64_bits) {
  for (const uint64_t size : {uint64_t{1} << 29, uint64_t{1} << 32, (uint64_t{1} << 36) - 32}) {
    const auto of_aad = crypto::aes_gcm::lengths_of(size, 5), of_text = crypto::aes_gcm::lengths_of(5, size);
    EXPECT_EQ(of_aad.high, 8 * size);
    EXPECT_EQ(of_aad.low, 40u);
    EXPECT_EQ(of_text.high, 40u);
    EXPECT_EQ(of_text.low, 8 * size);
  }
}

void check_long(const Kernel<AeadAlgorithm>& kernel, Bytes aad, Bytes text) {
  const AeadAlgorithm& theirs = *witness()->aead(kernel.algorithm->id);
  const ByteVector key(kernel.algorithm->key_size, 9);
  ByteVector ours = seal(*kernel.algorithm->make_key(key), {}, aad, text);
  EXPECT_TRUE(ours == seal(*theirs.make_key(key), {}, aad, text))
      << kernel.algorithm->name << ' ' << kernel.name;
  EXPECT_TRUE(kernel.algorithm->make_key(key)->open(ours, {}, aad));
}

// 2^32 bits and more of text, of additional data; 2^32 bytes and more of additional data.
TEST(AeadCounters, long_texts_and_additional_data) {
  BULLA_NEED_FULL();
  const Zeros longest((uint64_t{1} << 32) + 33), long_text((uint64_t{1} << 29) + 33);
  for (const auto table : {crypto::aes_128_gcm_kernels(), crypto::chacha20_poly1305_kernels()}) {
    for (const auto* kernel : runnable(table)) {
      check_long(*kernel, as_bytes("short"), long_text.bytes());
      // Bit by bit it would take minutes: soft GHASH has what is above, and
      // lengths_that_gcm_hashes_take_64_bits.
      const bool fast = kernel->needs != 0 || kernel->algorithm->id == AeadId::chacha20_poly1305;
      check_long(*kernel, fast ? longest.bytes() : long_text.bytes(), as_bytes("short"));
    }
  }
}

// RFC 8439 §2.8. The memory is never looked at, so it need not be there.
TEST(AeadCountersDeathTest, a_text_for_which_the_counter_of_chacha20_is_too_short_ends_the_process) {
  ByteVector buffer(64);
  const size_t too_long = (size_t{1} << 38) - 63;
  for (const auto* kernel : runnable(crypto::chacha20_poly1305_kernels())) {
    const auto key = kernel->algorithm->make_key(ByteVector(kernel->algorithm->key_size));
    const Bytes in(buffer.data(), too_long);
    EXPECT_DEATH(key->seal({buffer.data(), too_long + aead_tag_size}, {}, {}, {&in, 1}), "counter")
        << kernel->name;
  }
}

// ------------------------------------------------------------------------------------------ key derivation

ByteVector libcrypto_hmac(HashId id, Bytes key, const ByteVector& message) {
  const EVP_MD* md[] = {EVP_sha1(), EVP_sha256(), EVP_sha384(), EVP_sha512()};
  ByteVector out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  HMAC(md[static_cast<size_t>(id)], key.data(), static_cast<int>(key.size()), message.data(), message.size(),
       out.data(), &size);
  out.resize(size);
  return out;
}

// RFC 8018 §5.2: INT(i) has four bytes, of which the block after 65535 is the first to use the second.
TEST(Pbkdf2Counters, blocks_are_counted_in_four_bytes) {
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    const size_t size = hash->digest_size;
    ByteVector out(65'538 * size - 1);
    pbkdf2(*hash, as_bytes("passphrase"), as_bytes("salt"), 1, out);
    for (const uint32_t i : {1u, 2u, 255u, 256u, 257u, 511u, 512u, 65'535u, 65'536u, 65'537u, 65'538u}) {
      ByteVector message = to_vector(as_bytes("salt"));
      for (const unsigned shift : {24u, 16u, 8u, 0u}) message.push_back(static_cast<uint8_t>(i >> shift));
      const ByteVector block = libcrypto_hmac(hash->id, as_bytes("passphrase"), message);
      const size_t at = (i - 1) * size, count = std::min(size, out.size() - at);
      EXPECT_TRUE(equal_vartime(Bytes(out).subspan(at, count), Bytes(block).first(count))) << hash->name << i;
    }
  }
}

// RFC 5869 §2.3: T(1) to T(255).
TEST(HkdfCounters, every_block_up_to_the_last) {
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    const size_t size = hash->digest_size;
    ByteVector out(hkdf_max_output(*hash)), previous;
    hkdf_expand(*hash, as_bytes("a pseudorandom key"), as_bytes("info"), out);
    for (size_t i = 1; i <= 255; ++i) {
      ByteVector message = previous;
      for (const char c : {'i', 'n', 'f', 'o'}) message.push_back(static_cast<uint8_t>(c));
      message.push_back(static_cast<uint8_t>(i));
      previous = libcrypto_hmac(hash->id, as_bytes("a pseudorandom key"), message);
      ASSERT_TRUE(equal_vartime(Bytes(out).subspan((i - 1) * size, size), previous)) << hash->name << i;
    }
  }
}

}  // namespace
}  // namespace bulla::test
