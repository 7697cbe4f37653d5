// The transcript hash, RFC 9846 §4.1: a value. Messages are kept until the hash is known; after that only
// where a TLS 1.2 client signature will cover the messages themselves (RFC 5246 §7.4.8). Copies fork it.
#pragma once

#include <bulla/provider.h>
#include <bulla/secret.h>

#include <optional>
#include <vector>

namespace bulla::tls {

/// A digest of up to 48 bytes (SHA-384 is the largest hash of any suite).
class Digest {
 public:
  explicit Digest(size_t size) noexcept : size_(static_cast<uint8_t>(size)) {}
  operator Bytes() const noexcept { return {bytes_.data(), size_}; }
  MutBytes writable() noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<uint8_t, max_digest_size> bytes_{};
  uint8_t size_;
};

class Transcript {
 public:
  void add(Bytes message);
  /// Chooses the hash and hashes what was kept. Call once.
  void start(const HashAlgorithm& hash);
  bool started() const noexcept { return hash_.has_value(); }
  /// RFC 9846 §4.1: replaces ClientHello1 by message_hash, before a HelloRetryRequest is added.
  void replace_by_message_hash();
  /// Hash of all messages so far.
  Digest digest() const noexcept;
  /// Hash of all messages so far and `partial`, which is not added (the truncated ClientHello of a binder).
  Digest digest_with(Bytes partial) const;
  /// The same under a hash not yet chosen.
  Digest digest_with(const HashAlgorithm& hash, Bytes partial) const;

  /// From now on, keep the messages also when hashed / forget them.
  void keep_messages() noexcept { keep_ = true; }
  void forget_messages() noexcept;
  Bytes messages() const noexcept { return messages_; }

 private:
  std::optional<HashContext> hash_;
  std::vector<uint8_t> messages_;
  bool keep_ = false;
};

}  // namespace bulla::tls
