// The block cipher, each kernel by itself and all against each other.
#include "crypto/aes/impl.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <numeric>
#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto;
using aes::BlockCipher;

/// What this machine can run.
std::vector<const Kernel<BlockCipher>*> kernels() {
  std::vector<const Kernel<BlockCipher>*> out;
  for (const auto& kernel : aes::kernels())
    if (kernel.runs_on(cpu_word())) out.push_back(&kernel);
  return out;
}

ByteVector encrypted(const BlockCipher& cipher, Bytes key, Bytes blocks) {
  aes::Schedule schedule;
  cipher.expand(schedule, key);
  ByteVector out(blocks.size());
  cipher.encrypt(schedule, out.data(), blocks.data(), blocks.size() / aes::block_size);
  return out;
}
ByteVector decrypted(const BlockCipher& cipher, Bytes key, Bytes blocks) {
  aes::Schedule schedule;
  cipher.expand(schedule, key);
  ByteVector out(blocks.size());
  cipher.decrypt(schedule, out.data(), blocks.data(), blocks.size() / aes::block_size);
  return out;
}

ByteVector random_bytes(std::mt19937_64& random, size_t size) {
  ByteVector out(size);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
  return out;
}

struct Known {
  const char *key, *text, *sealed;
};
constexpr Known known[] = {
    // FIPS 197 (2001) appendix B, and appendix C.1 to C.3.
    {"2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734",
     "3925841d02dc09fbdc118597196a0b32"},
    {"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
     "69c4e0d86a7b0430d8cdb78070b4c55a"},
    {"000102030405060708090a0b0c0d0e0f1011121314151617", "00112233445566778899aabbccddeeff",
     "dda97ca4864cdfe06eaf70a0ec0d7191"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "00112233445566778899aabbccddeeff",
     "8ea2b7ca516745bfeafc49904b496089"},
    // NIST SP 800-38A §F.1.1, §F.1.3, §F.1.5: ECB, four blocks.
    {"2b7e151628aed2a6abf7158809cf4f3c",
     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
     "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
     "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
     "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"},
    {"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
     "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
     "bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eef"
     "ef7afd2270e2e60adce0ba2face6444e9a4b41ba738d6c72fb16691603c18e0e"},
    {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
     "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
     "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
     "b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7"},
};

TEST(Aes, known_answers) {
  for (const auto* kernel : kernels()) {
    for (const Known& k : known) {
      const ByteVector key = from_hex(k.key), text = from_hex(k.text), sealed = from_hex(k.sealed);
      EXPECT_EQ(to_hex(encrypted(*kernel->algorithm, key, text)), k.sealed) << kernel->name;
      EXPECT_EQ(to_hex(decrypted(*kernel->algorithm, key, sealed)), k.text) << kernel->name;
    }
  }
}

// FIPS 197 §5.1.1 and §5.3.2, by the definition: inversion in GF(2^8), then the affine map. A schedule of
// zeros and two rounds leave the S-box twice, MixColumns and ShiftRows; equal bytes make those the identity.
TEST(Aes, the_sbox_is_inversion_and_an_affine_map) {
  const auto times = [](unsigned a, unsigned b) {
    unsigned product = 0;
    for (; b; b >>= 1, a = a << 1 ^ (a >> 7) * 0x11b)
      if (b & 1) product ^= a;
    return product;
  };
  const auto sbox = [&](unsigned a) {
    unsigned inverse = 1;  // a^254; zero stays zero
    for (int i = 0; i < 254; ++i) inverse = times(inverse, a);
    unsigned out = 0x63;
    for (unsigned i = 0; i < 5; ++i) out ^= (inverse << i | inverse >> (8 - i)) & 0xff;
    return static_cast<uint8_t>(out);
  };
  for (const auto* kernel : kernels()) {
    aes::Schedule schedule;
    schedule.words.fill(0);
    schedule.rounds = 2;
    for (unsigned a = 0; a < 256; ++a) {
      const ByteVector text(16, static_cast<uint8_t>(a)), sealed(16, sbox(sbox(a)));
      ByteVector out(16);
      kernel->algorithm->encrypt(schedule, out.data(), text.data(), 1);
      EXPECT_EQ(out, sealed) << kernel->name << ' ' << a;
      kernel->algorithm->decrypt(schedule, out.data(), sealed.data(), 1);
      EXPECT_EQ(out, text) << kernel->name << ' ' << a;
    }
  }
}

TEST(Aes, every_count_of_blocks_at_every_address_in_place_and_elsewhere) {
  constexpr uint64_t seed = 197;
  std::mt19937_64 random(seed);
  for (const auto* kernel : kernels()) {
    const BlockCipher& cipher = *kernel->algorithm;
    for (size_t count = 0; count <= 20; ++count) {
      SCOPED_TRACE(std::string(kernel->name) + ", blocks " + std::to_string(count) + ", seed 197");
      const ByteVector key = random_bytes(random, 16 + count % 3 * 8);
      const size_t size = count * 16, from = random() % 16, to = random() % 16;
      const ByteVector text = random_bytes(random, size + 16);
      aes::Schedule schedule;
      cipher.expand(schedule, key);
      // One block at a time is what any number of them must give.
      ByteVector wanted(size);
      for (size_t i = 0; i < count; ++i) cipher.encrypt(schedule, &wanted[16 * i], &text[from + 16 * i], 1);
      ByteVector out(size + 32, 0xa5);
      cipher.encrypt(schedule, out.data() + to, text.data() + from, count);
      EXPECT_TRUE(equal_vartime(Bytes(out).subspan(to, size), wanted));
      EXPECT_EQ(std::count(out.begin() + static_cast<ptrdiff_t>(to + size), out.end(), 0xa5),
                static_cast<ptrdiff_t>(32 - to))
          << "nothing is written behind the last block";
      cipher.decrypt(schedule, out.data() + to, out.data() + to, count);
      EXPECT_TRUE(equal_vartime(Bytes(out).subspan(to, size), Bytes(text).subspan(from, size)));
      cipher.encrypt(schedule, out.data() + to, out.data() + to, count);
      EXPECT_TRUE(equal_vartime(Bytes(out).subspan(to, size), wanted));
    }
  }
}

TEST(Aes, kernels_agree) {
  constexpr uint64_t seed = 2001;
  std::mt19937_64 random(seed);
  for (int i = 0; i < 600; ++i) {
    const ByteVector key = random_bytes(random, 16 + random() % 3 * 8);
    const ByteVector text = random_bytes(random, random() % 12 * 16);
    const ByteVector sealed = encrypted(aes::soft, key, text), opened = decrypted(aes::soft, key, text);
    for (const auto* kernel : kernels()) {
      EXPECT_EQ(encrypted(*kernel->algorithm, key, text), sealed) << kernel->name << " seed 2001, case " << i;
      EXPECT_EQ(decrypted(*kernel->algorithm, key, text), opened) << kernel->name << " seed 2001, case " << i;
    }
  }
}

/// AESAVS §6.2, §6.3: each bit of key and text set, one after the other, is told apart by the result; every
/// answer goes back.
TEST(Aes, single_bits) {
  for (const size_t key_size : {16u, 24u, 32u}) {
    for (size_t bit = 0; bit < 8 * (key_size + 16); ++bit) {
      ByteVector both(key_size + 16);
      both[bit / 8] = static_cast<uint8_t>(0x80 >> bit % 8);
      const Bytes key = Bytes(both).first(key_size), text = Bytes(both).last(16);
      const ByteVector sealed = encrypted(aes::soft, key, text);
      EXPECT_NE(sealed, encrypted(aes::soft, ByteVector(key_size), ByteVector(16)));
      for (const auto* kernel : kernels()) {
        EXPECT_EQ(encrypted(*kernel->algorithm, key, text), sealed) << kernel->name << ' ' << bit;
        EXPECT_EQ(decrypted(*kernel->algorithm, key, sealed), to_vector(text)) << kernel->name << ' ' << bit;
      }
    }
  }
}

TEST(AesVectors, openssl_ecb) {
  const std::string set = "nist/openssl-evp/evpciph_aes_common.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    std::string name(block.text("Cipher"));
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    if (!name.starts_with("aes-") || !name.ends_with("-ecb")) continue;
    for (const auto* kernel : kernels()) {
      const ByteVector key = block.bytes("Key"), plain = block.bytes("Plaintext"),
                       sealed = block.bytes("Ciphertext");
      EXPECT_EQ(encrypted(*kernel->algorithm, key, plain), sealed) << kernel->name << " case " << cases;
      EXPECT_EQ(decrypted(*kernel->algorithm, key, sealed), plain) << kernel->name << " case " << cases;
    }
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set + " ECB", cases);
}

}  // namespace
}  // namespace bulla::test
