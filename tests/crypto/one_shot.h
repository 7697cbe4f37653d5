// The seam's jobs as single calls, for tests.
#pragma once

#include "support/tested_provider.h"

#include <bulla/provider.h>

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>

namespace bulla::test {

using ByteVector = std::vector<uint8_t>;

/// Hands out the bytes it was given, over and over.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(ByteVector bytes) : bytes_(std::move(bytes)) {}
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) byte = bytes_[at_++ % bytes_.size()];
  }

 private:
  ByteVector bytes_;
  size_t at_ = 0;
};

inline ByteVector digest(const HashAlgorithm& hash, Bytes message) {
  HashContext context(hash);
  context.update(message);
  ByteVector out(hash.digest_size);
  context.finish(out);
  return out;
}

inline const HashAlgorithm& need_hash(HashId id) {
  const HashAlgorithm* hash = tested_provider().hash(id);
  if (!hash) std::abort();
  return *hash;
}
/// By the names that sets of vectors have for it, in capitals or not; nullptr for a hash that is not ours.
inline const HashAlgorithm* hash_named(std::string_view name) {
  constexpr std::pair<std::string_view, HashId> names[] = {
      {"SHA1", HashId::sha1},     {"SHA-1", HashId::sha1},     {"HMACSHA1", HashId::sha1},
      {"SHA256", HashId::sha256}, {"SHA-256", HashId::sha256}, {"SHA2-256", HashId::sha256},
      {"SHA384", HashId::sha384}, {"SHA-384", HashId::sha384}, {"SHA2-384", HashId::sha384},
      {"SHA512", HashId::sha512}, {"SHA-512", HashId::sha512}, {"SHA2-512", HashId::sha512}};
  const auto capital = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  for (const auto& [known, id] : names)
    if (std::ranges::equal(known, name, {}, {}, capital)) return &need_hash(id);
  return nullptr;
}

inline AeadNonce to_nonce(Bytes bytes) {
  AeadNonce nonce{};
  EXPECT_EQ(bytes.size(), nonce.size());
  if (bytes.size() == nonce.size()) std::copy(bytes.begin(), bytes.end(), nonce.begin());
  return nonce;
}

/// Ciphertext and tag.
inline ByteVector seal(AeadKey& key, const AeadNonce& nonce, Bytes aad, Bytes text) {
  ByteVector out(text.size() + aead_tag_size);
  key.seal(out, nonce, aad, {&text, 1});
  return out;
}

inline std::optional<ByteVector> open(AeadKey& key, const AeadNonce& nonce, Bytes aad, ByteVector sealed) {
  if (!key.open(sealed, nonce, aad)) return std::nullopt;
  sealed.resize(sealed.size() - aead_tag_size);
  return sealed;
}

inline std::optional<ByteVector> decapsulate(const GroupAlgorithm& group, Bytes private_key, Bytes share) {
  const SecretBytes key(private_key);
  DecapsulateJob job{.private_key = &key, .peer_share = share};
  group.decapsulate({&job, 1});
  if (!job.ok) {
    EXPECT_TRUE(job.secret.empty());
    return std::nullopt;
  }
  return to_vector(job.secret.reveal());
}

inline bool verify(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message, Bytes signature) {
  VerifyJob job{.key = &key, .algorithm = algorithm, .message = message, .signature = signature};
  tested_provider().signing.verify({&job, 1});
  return job.ok;
}

/// The signature; empty if the key refuses.
inline ByteVector sign(const SigningKey& key, SignatureAlgorithm algorithm, Bytes message,
                       Random& random = tested_random()) {
  SignJob job{.algorithm = algorithm, .message = message};
  key.sign(random, {&job, 1});
  EXPECT_EQ(job.ok, !job.signature.empty());
  return job.signature;
}

/// A big-endian number brought to `size` bytes: zeros in front are added or taken away.
inline ByteVector to_size(ByteVector number, size_t size) {
  while (number.size() > size && number.front() == 0) number.erase(number.begin());
  if (number.size() < size) number.insert(number.begin(), size - number.size(), 0);
  return number;
}

inline ByteVector without_leading_zeros(ByteVector number) {
  while (!number.empty() && number.front() == 0) number.erase(number.begin());
  return number;
}

/// 04 || x || y, each coordinate `size` bytes.
inline ByteVector uncompressed(ByteVector x, ByteVector y, size_t size) {
  ByteVector point = {4};
  for (ByteVector* coordinate : {&x, &y}) {
    *coordinate = to_size(std::move(*coordinate), size);
    point.insert(point.end(), coordinate->begin(), coordinate->end());
  }
  return point;
}

inline std::string_view text_of(const boost::json::value& object, std::string_view key) {
  return object.at(key).as_string();
}
inline bool has_flag(const boost::json::value& test, std::string_view flag) {
  for (const auto& f : test.at("flags").as_array())
    if (f.as_string() == flag) return true;
  return false;
}

}  // namespace bulla::test
