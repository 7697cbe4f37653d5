// HMAC (RFC 2104) over any provider's hash.
#pragma once

#include <bulla/provider.h>

#include <initializer_list>

namespace bulla {

/// A key with the two states that stand behind the padded key blocks: each use then starts from a copy and
/// saves two blocks. Any length of key. Immutable; wiped when it dies.
class HmacKey {
 public:
  HmacKey(const HashAlgorithm& hash, Bytes key) noexcept;
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;

  const HashAlgorithm& hash() const noexcept { return inner_.algorithm(); }
  size_t size() const noexcept { return hash().digest_size; }

  /// The HMAC of the concatenation of `parts`, to the front of `out` (at least size() bytes).
  void mac(std::span<const Bytes> parts, MutBytes out) const noexcept;
  void mac(std::initializer_list<Bytes> parts, MutBytes out) const noexcept {
    mac(std::span(parts.begin(), parts.size()), out);
  }

 private:
  friend class Hmac;
  HashContext inner_, outer_;
};

/// A running HMAC. The key must outlive it.
class Hmac {
 public:
  explicit Hmac(const HmacKey& key) noexcept : key_(key), context_(key.inner_) {}
  void update(Bytes data) noexcept { context_.update(data); }
  /// Writes the HMAC to the front of `out` (at least size() bytes); this object is spent.
  void finish(MutBytes out) noexcept;

 private:
  const HmacKey& key_;
  HashContext context_;
};

/// One HMAC with a key that is used once.
inline void hmac(const HashAlgorithm& hash, Bytes key, Bytes message, MutBytes out) noexcept {
  HmacKey(hash, key).mac({message}, out);
}

}  // namespace bulla
