#include "crypto/hmac.h"

#include "base/assert.h"

#include <cstring>

namespace bulla {

HmacKey::HmacKey(const HashAlgorithm& hash, Bytes key) noexcept : inner_(hash), outer_(hash) {
  std::array<uint8_t, max_hash_block_size> storage{};
  const MutBytes block = MutBytes(storage).first(hash.block_size);
  // RFC 2104 §3: a key longer than a block is hashed; a shorter one is filled up with zeros.
  if (key.size() > block.size()) {
    HashContext shortened(hash);
    shortened.update(key);
    shortened.finish(block);
  } else if (!key.empty()) {
    std::memcpy(block.data(), key.data(), key.size());
  }
  // All of `storage`, whose size compilers know, and not only a block.
  for (uint8_t& byte : storage) byte ^= 0x36;
  inner_.update(block);
  for (uint8_t& byte : storage) byte ^= 0x36 ^ 0x5c;
  outer_.update(block);
  wipe(storage);
}

void HmacKey::mac(std::span<const Bytes> parts, MutBytes out) const noexcept {
  BULLA_ASSERT(out.size() >= size(), "an HMAC is as long as its hash");
  std::array<uint8_t, max_digest_size> storage;
  const MutBytes inner = MutBytes(storage).first(size());
  inner_.digest_with(parts, inner);
  const Bytes outer[] = {inner};
  outer_.digest_with(outer, out);
  wipe(inner);
}

void Hmac::finish(MutBytes out) noexcept {
  BULLA_ASSERT(out.size() >= key_.size(), "an HMAC is as long as its hash");
  std::array<uint8_t, max_digest_size> storage;
  const MutBytes inner = MutBytes(storage).first(key_.size());
  context_.digest_with({}, inner);
  const Bytes outer[] = {inner};
  key_.outer_.digest_with(outer, out);
  wipe(inner);
}

}  // namespace bulla
