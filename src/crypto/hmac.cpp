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
  for (uint8_t& byte : block) byte ^= 0x36;
  inner_.update(block);
  for (uint8_t& byte : block) byte ^= 0x36 ^ 0x5c;
  outer_.update(block);
  wipe(storage);
}

void HmacKey::mac(std::initializer_list<Bytes> parts, MutBytes out) const noexcept {
  Hmac running(*this);
  for (const Bytes part : parts) running.update(part);
  running.finish(out);
}

void Hmac::finish(MutBytes out) noexcept {
  const size_t size = key_.size();
  BULLA_ASSERT(out.size() >= size, "an HMAC is as long as its hash");
  std::array<uint8_t, max_digest_size> inner;
  context_.finish(inner);
  context_ = key_.outer_;
  context_.update(Bytes(inner).first(size));
  context_.finish(out);
  wipe(inner);
}

}  // namespace bulla
