// HPKE, hybrid public key encryption (RFC 9180), in base mode: to encrypt to somebody's public key. Over the
// groups, hashes and AEADs of any provider.
#pragma once

#include "crypto/hmac.h"

#include <bulla/provider.h>

#include <optional>

namespace bulla::crypto::hpke {

/// RFC 9180 §7.1: how a secret reaches the recipient.
enum class Kem : uint16_t {
  dhkem_p256_hkdf_sha256 = 0x0010,
  dhkem_p384_hkdf_sha384 = 0x0011,
  dhkem_p521_hkdf_sha512 = 0x0012,
  dhkem_x25519_hkdf_sha256 = 0x0020,
};
/// RFC 9180 §7.2: how keys are made of it.
enum class Kdf : uint16_t { hkdf_sha256 = 1, hkdf_sha384 = 2, hkdf_sha512 = 3 };
/// RFC 9180 §7.3: what encrypts.
enum class Aead : uint16_t { aes_128_gcm = 1, aes_256_gcm = 2, chacha20_poly1305 = 3, export_only = 0xffff };

/// One of each. Values that have no name here may come from outside; no provider supports them.
struct Suite {
  Kem kem;    ///< what the recipient's key is for
  Kdf kdf;    ///< free to choose
  Aead aead;  ///< likewise
};

/// Whether this provider has all that the suite needs.
bool supports(const Provider& provider, const Suite& suite) noexcept;

/// A recipient's keys.
struct KeyPair {
  SecretBytes private_key;          ///< as the group of the provider has it
  std::vector<uint8_t> public_key;  ///< what senders are told: a share of the group
};
/// A new pair; nothing where the provider lacks the group.
std::optional<KeyPair> generate(const Provider& provider, Kem kem, Random& random);

/// What sender and recipient share (RFC 9180 §5.2, §5.3). One object counts the messages of one direction.
/// One that was moved away gives nothing.
class Context {
 public:
  Context(Context&&) noexcept = default;
  Context& operator=(Context&&) noexcept = default;

  /// RFC 9180 §5.3: `size` bytes that both know, for the given use; nothing for more than the KDF can give.
  std::optional<SecretBytes> export_secret(Bytes context, size_t size) const;

 protected:
  friend class Schedule;
  Context() = default;
  /// RFC 9180 §5.2: base_nonce xor the sequence number, which counts up; nothing when no number is left.
  std::optional<AeadNonce> next_nonce() noexcept;

  std::vector<uint8_t> suite_id_;
  const HashAlgorithm* hash_ = nullptr;
  std::unique_ptr<AeadKey> key_;  // none: export only
  InlineSecret<Context, aead_nonce_size> base_nonce_;
  InlineSecret<Context, max_digest_size> exporter_secret_;
  uint64_t sequence_ = 0;
};

/// Encrypts.
class Sender : public Context {
 public:
  /// RFC 9180 §5.1.1. `public_key`: the recipient's, not checked yet; `info`: what both must agree upon.
  /// Nothing where the key is none of this group, or the provider does not support the suite.
  static std::optional<Sender> setup(const Provider& provider, const Suite& suite, Bytes public_key,
                                     Bytes info, Random& random);
  /// What the recipient needs besides its key.
  Bytes encapsulated_key() const noexcept { return encapsulated_; }
  /// RFC 9180 §5.2: the ciphertext of one message, aead_tag_size longer than `plaintext`. Nothing for an
  /// export-only suite, and when no sequence number is left.
  std::optional<std::vector<uint8_t>> seal(Bytes aad, Bytes plaintext);

 private:
  explicit Sender(Context&& context) noexcept : Context(std::move(context)) {}
  std::vector<uint8_t> encapsulated_;
};

/// Decrypts, in the order in which the sender encrypted.
class Recipient : public Context {
 public:
  /// RFC 9180 §5.1.1. Nothing where `encapsulated_key` is no share of this group, or the provider does not
  /// support the suite.
  static std::optional<Recipient> setup(const Provider& provider, const Suite& suite, const KeyPair& keys,
                                        Bytes encapsulated_key, Bytes info);
  /// The plaintext of the next message; nothing where it is another, was altered, or has other `aad`: then
  /// the same message is still the next.
  std::optional<std::vector<uint8_t>> open(Bytes aad, Bytes ciphertext);

 private:
  explicit Recipient(Context&& context) noexcept : Context(std::move(context)) {}
};

}  // namespace bulla::crypto::hpke
