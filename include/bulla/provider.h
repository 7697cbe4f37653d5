// The provider seam: one immutable struct of algorithm tables, passed in a config. There is no process-wide
// install. `builtin`, `openssl` and test providers all fill in this struct.
#pragma once

#include <bulla/bytes.h>
#include <bulla/result.h>
#include <bulla/secret.h>
#include <bulla/tls_types.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace bulla {

/// A source of unpredictable bytes. Implementations that are shared between threads must lock by themselves.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills `out`; cannot fail: an implementation without entropy ends the process.
  virtual void fill(MutBytes out) noexcept = 0;
};

// ---------------------------------------------------------------------------------------------- hashes

/// sha1 is used by OCSP CertID, key identifiers and PBKDF2 only; it is never offered or accepted in TLS.
enum class HashId : uint8_t { sha1, sha256, sha384, sha512 };

/// The largest digest and block of any hash here (SHA-512).
inline constexpr size_t max_digest_size = 64;
inline constexpr size_t max_hash_block_size = 128;

/// One hash function. The state is plain memory of `state_size` bytes that may be copied with memcpy.
struct HashAlgorithm {
  HashId id;
  std::string_view name;
  uint16_t digest_size;
  uint16_t block_size;
  uint16_t state_size;  ///< at most HashContext::max_state_size
  void (*init)(void* state) noexcept;
  void (*update)(void* state, Bytes data) noexcept;
  /// Writes digest_size bytes; the state is spent.
  void (*finish)(void* state, uint8_t* digest) noexcept;
};

/// A running hash: a value that can be copied ("forked"), wiped when it dies.
class HashContext {
 public:
  static constexpr size_t max_state_size = 240;
  explicit HashContext(const HashAlgorithm& hash) noexcept : hash_(&hash) { hash.init(state_.data()); }
  HashContext(const HashContext&) noexcept = default;
  HashContext& operator=(const HashContext&) noexcept = default;
  ~HashContext() { wipe(state_); }

  const HashAlgorithm& algorithm() const noexcept { return *hash_; }
  void update(Bytes data) noexcept { hash_->update(state_.data(), data); }
  /// Writes the digest to the front of `out` (at least digest_size bytes) and starts afresh.
  void finish(MutBytes out) noexcept {
    hash_->finish(state_.data(), out.data());
    hash_->init(state_.data());
  }

 private:
  const HashAlgorithm* hash_;
  alignas(16) std::array<uint8_t, max_state_size> state_;
};

// ----------------------------------------------------------------------------------------------- AEADs

enum class AeadId : uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

inline constexpr size_t aead_nonce_size = 12;
inline constexpr size_t aead_tag_size = 16;
using AeadNonce = std::array<uint8_t, aead_nonce_size>;

/// A key ready for whole records. One object serves one direction and is not shared between threads.
class AeadKey {
 public:
  virtual ~AeadKey() = default;
  /// Encrypts the concatenation of `in` to the front of `out` and appends the tag: `out.size()` is the sum of
  /// the inputs plus aead_tag_size. The first input may lie exactly at `out.data()` (in place); any other
  /// overlap is refused by assertion.
  virtual void seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept = 0;
  /// Decrypts `inout` (ciphertext, then tag) in place. False, and no plaintext left in `inout`, if the tag
  /// does not match.
  [[nodiscard]] virtual bool open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept = 0;
};

struct AeadAlgorithm {
  AeadId id;
  std::string_view name;
  uint16_t key_size;
  /// RFC 9846 §5.5: full-size records that may be sealed under one key, and failed openings to tolerate.
  uint64_t confidentiality_limit;
  std::unique_ptr<AeadKey> (*make_key)(Bytes key);
};

// ------------------------------------------------------------------------------------- key agreement

/// Groups are KEM-shaped, so X25519 and ML-KEM look alike: the initiator generates, the responder
/// encapsulates to the initiator's share and replies with its own, the initiator decapsulates the reply.
struct GenerateJob {
  SecretBytes private_key = {};     ///< out: for decapsulate of the same provider and group; opaque to others
  std::vector<uint8_t> share = {};  ///< out: what the responder is sent
  bool ok = false;
};
struct EncapsulateJob {
  Bytes peer_share = {};            ///< in
  std::vector<uint8_t> share = {};  ///< out: the reply
  SecretBytes secret = {};          ///< out
  bool ok = false;                  ///< false: peer_share is not a valid share of this group
};
struct DecapsulateJob {
  const SecretBytes* private_key = nullptr;  ///< in
  Bytes peer_share = {};                     ///< in: the reply
  SecretBytes secret = {};                   ///< out
  bool ok = false;  ///< false: invalid share, or an all-zero X25519 secret (RFC 9846 §7.4.2)
};

/// One group. Every call takes n independent jobs, so that an implementation may compute them side by side.
struct GroupAlgorithm {
  NamedGroup id;
  std::string_view name;
  uint16_t share_size;  ///< bytes of an initiator's share
  uint16_t reply_size;  ///< bytes of a responder's share
  void (*generate)(Random& random, std::span<GenerateJob> jobs) noexcept;
  void (*encapsulate)(Random& random, std::span<EncapsulateJob> jobs) noexcept;
  void (*decapsulate)(std::span<DecapsulateJob> jobs) noexcept;
};

// -------------------------------------------------------------------------------------- signatures

enum class KeyType : uint8_t { rsa, rsa_pss, ec_p256, ec_p384, ec_p521, ed25519 };
std::string name_of(KeyType type);

/// What is signed how; a certificate's signatureAlgorithm and a TLS SignatureScheme both map to one of these.
/// PSS: MGF1 with the same hash, salt as long as the hash. ECDSA signatures are DER (RFC 3279 §2.2.3).
enum class SignatureAlgorithm : uint8_t {
  rsa_pkcs1_sha256,
  rsa_pkcs1_sha384,
  rsa_pkcs1_sha512,
  rsa_pss_sha256,
  rsa_pss_sha384,
  rsa_pss_sha512,
  ecdsa_sha256,
  ecdsa_sha384,
  ecdsa_sha512,
  ed25519,
};
std::string name_of(SignatureAlgorithm algorithm);

/// A public key taken apart; the views belong to whoever parsed it. RSA: modulus and exponent, big-endian
/// without leading zeros. EC: the uncompressed point (04 || X || Y). Ed25519: 32 bytes in `point`.
struct PublicKeyView {
  KeyType type;
  Bytes modulus = {};
  Bytes exponent = {};
  Bytes point = {};
};

/// A private key taken apart, as it comes out of PKCS#8, PKCS#1 or SEC1. Big-endian numbers.
struct PrivateKeyMaterial {
  KeyType type;
  // RSA
  std::vector<uint8_t> modulus = {}, exponent = {};
  SecretBytes private_exponent = {}, prime1 = {}, prime2 = {}, exponent1 = {}, exponent2 = {},
              coefficient = {};
  // EC: the scalar, as long as the field; Ed25519: the 32-byte seed
  SecretBytes scalar = {};
  // EC, Ed25519: the public key; computed by the provider where a file does not hold it
  std::vector<uint8_t> point = {};
};

struct VerifyJob {
  const PublicKeyView* key = nullptr;
  SignatureAlgorithm algorithm = SignatureAlgorithm::ed25519;
  Bytes message = {};
  Bytes signature = {};
  bool ok = false;
};

struct SignJob {
  SignatureAlgorithm algorithm = SignatureAlgorithm::ed25519;
  Bytes message = {};
  std::vector<uint8_t> signature = {};
  bool ok = false;
};

/// A private key that signs. Immutable and usable from several threads. Implement it for an HSM or a remote
/// signer; see also Operation, which lets the answer come later.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  virtual KeyType type() const noexcept = 0;
  /// The public half; views into this object.
  virtual PublicKeyView public_key() const noexcept = 0;
  virtual void sign(Random& random, std::span<SignJob> jobs) const noexcept = 0;
};
using SigningKeyPtr = std::shared_ptr<const SigningKey>;

struct SignatureFunctions {
  void (*verify)(std::span<VerifyJob> jobs) noexcept;
  /// Checks the key's consistency (RSA: p·q = n, e·d = 1; EC: scalar in range, point matches) and loads it.
  Result<SigningKeyPtr> (*load)(const PrivateKeyMaterial& material);
  /// `rsa_bits`: 2048 to 8192, ignored for other types. The material's `point` (or modulus) is filled in.
  Result<PrivateKeyMaterial> (*generate)(KeyType type, unsigned rsa_bits, Random& random);
};

/// AES-CBC without padding, for encrypted key files only; out of reach of TLS. Sizes are multiples of 16.
struct KeyFileCipher {
  void (*cbc_encrypt)(Bytes key, Bytes iv, MutBytes inout) noexcept;
  void (*cbc_decrypt)(Bytes key, Bytes iv, MutBytes inout) noexcept;
};

// ---------------------------------------------------------------------------------------- the provider

/// Everything the library needs of cryptography. The struct and what it points to live for the whole program.
struct Provider {
  std::string_view name;
  std::span<const HashAlgorithm* const> hashes;
  std::span<const AeadAlgorithm* const> aeads;
  std::span<const GroupAlgorithm* const> groups;
  std::span<const SignatureAlgorithm> signatures;  ///< the algorithms that `verify` and keys can do
  SignatureFunctions signing;
  KeyFileCipher key_files;
  Random* random;  ///< used where a config brings no random source of its own

  /// The entry, or nullptr where this provider has none.
  const HashAlgorithm* hash(HashId id) const noexcept;
  const AeadAlgorithm* aead(AeadId id) const noexcept;
  const GroupAlgorithm* group(NamedGroup id) const noexcept;
  bool supports(SignatureAlgorithm algorithm) const noexcept;
};

/// libcrypto behind the seam; present where the library was built with BULLA_OPENSSL=ON.
const Provider& openssl_provider() noexcept;
/// The provider that configs use when none is named.
const Provider& default_provider() noexcept;

}  // namespace bulla
