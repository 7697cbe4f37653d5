#include "crypto/aes_cbc/aes_cbc.h"

#include "base/assert.h"
#include "crypto/aes/impl.h"

#include <algorithm>
#include <cstring>

namespace bulla::crypto {
namespace {

using aes::block_size;

/// As many blocks as any kernel decrypts side by side.
constexpr size_t chunk = 8 * block_size;

void check(Bytes key, Bytes iv, MutBytes inout) noexcept {
  BULLA_ASSERT(aes::is_key_size(key.size()), "an AES key has 16, 24 or 32 bytes");
  BULLA_ASSERT(iv.size() == block_size, "AES-CBC has an IV of 16 bytes");
  BULLA_ASSERT(inout.size() % block_size == 0, "AES-CBC takes whole blocks");
}

void add(uint8_t* to, const uint8_t* bytes, size_t size) noexcept {
  for (size_t i = 0; i < size; ++i) to[i] ^= bytes[i];
}

/// Each block is added to the ciphertext before it, so they come one after the other.
template <const aes::BlockCipher& cipher>
void encrypt(Bytes key, Bytes iv, MutBytes inout) noexcept {
  check(key, iv, inout);
  aes::Schedule schedule;
  cipher.expand(schedule, key);
  const uint8_t* previous = iv.data();
  for (; !inout.empty(); inout = inout.subspan(block_size)) {
    add(inout.data(), previous, block_size);
    cipher.encrypt(schedule, inout.data(), inout.data(), 1);
    previous = inout.data();
  }
}

template <const aes::BlockCipher& cipher>
void decrypt(Bytes key, Bytes iv, MutBytes inout) noexcept {
  check(key, iv, inout);
  aes::Schedule schedule;
  cipher.expand(schedule, key);
  struct {
    uint8_t text[chunk], previous[block_size];
  } s;
  std::memcpy(s.previous, iv.data(), block_size);
  while (!inout.empty()) {
    const MutBytes sealed = inout.first(std::min(inout.size(), chunk));
    cipher.decrypt(schedule, s.text, sealed.data(), sealed.size() / block_size);
    add(s.text, s.previous, block_size);
    add(s.text + block_size, sealed.data(), sealed.size() - block_size);
    std::memcpy(s.previous, sealed.last(block_size).data(), block_size);
    std::memcpy(sealed.data(), s.text, sealed.size());
    inout = inout.subspan(sealed.size());
  }
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

template <const aes::BlockCipher& cipher>
constexpr KeyFileCipher cbc_by = {.cbc_encrypt = encrypt<cipher>, .cbc_decrypt = decrypt<cipher>};

constexpr Kernel<KeyFileCipher> table[] = {
#if defined(__x86_64__)
    {"aesni", cpu::aes, &cbc_by<aes::aesni>},
#endif
    {"soft", 0, &cbc_by<aes::soft>},
};

}  // namespace

std::span<const Kernel<KeyFileCipher>> aes_cbc_kernels() noexcept {
  return table;
}

}  // namespace bulla::crypto
