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
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace bulla {

/// A source of unpredictable bytes. Implementations that are shared between threads lock by themselves; the
/// openssl provider's may be used by all.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills `out`; cannot fail: an implementation without entropy ends the process.
  virtual void fill(MutBytes out) noexcept = 0;
};

// ---------------------------------------------------------------------------------------------- hashes

/// Which hash. sha1 is for PBKDF2 of key files, and for names that are no secret and no proof (OCSP CertID,
/// key identifiers); it is never offered or accepted in TLS.
enum class HashId : uint8_t { sha1, sha256, sha384, sha512 };

/// The largest digest of any hash here (SHA-512), in bytes.
inline constexpr size_t max_digest_size = 64;
/// The largest block of any hash here (SHA-512), in bytes.
inline constexpr size_t max_hash_block_size = 128;

/// One hash function. The state is plain memory of `state_size` bytes, aligned to 16, that may be copied with
/// memcpy.
struct HashAlgorithm {
  HashId id;              ///< which one this is
  std::string_view name;  ///< for people: "SHA-256"
  uint16_t digest_size;   ///< bytes
  uint16_t block_size;    ///< bytes; HMAC wants to know
  uint16_t state_size;    ///< bytes, at most HashContext::max_state_size
  /// Starts: `state` is uninitialised memory, or that of a hash which ended.
  void (*init)(void* state) noexcept;
  /// Takes in more; `data` may be empty.
  void (*update)(void* state, Bytes data) noexcept;
  /// Writes digest_size bytes; the state is spent.
  void (*finish)(void* state, uint8_t* digest) noexcept;
  /// Writes what a copy of `state` would give that took in all of `parts` and was finished; `state` stays as
  /// it is. Short messages gain by it, and HMAC most. nullptr: callers copy, update and finish.
  void (*digest_with)(const void* state, std::span<const Bytes> parts, uint8_t* digest) noexcept = nullptr;
};

/// A running hash: a value that can be copied ("forked"), wiped when it dies.
class HashContext {
 public:
  static constexpr size_t max_state_size = 240;  ///< bytes
  /// Starts a hash; `hash` outlives it, as those of providers do.
  explicit HashContext(const HashAlgorithm& hash) noexcept : hash_(&hash) { hash.init(state_.data()); }
  /// Forks it: both go on from here.
  HashContext(const HashContext&) noexcept = default;
  HashContext& operator=(const HashContext&) noexcept = default;
  /// Wipes the state.
  ~HashContext() { wipe(state_); }

  const HashAlgorithm& algorithm() const noexcept { return *hash_; }  ///< which hash it is
  /// Takes in more; `data` may be empty.
  void update(Bytes data) noexcept { hash_->update(state_.data(), data); }
  /// Writes the digest to the front of `out` (at least digest_size bytes) and starts afresh.
  void finish(MutBytes out) noexcept;
  /// Writes the digest of what it took in and all of `parts` after it, and goes on as if nothing had been.
  void digest_with(std::span<const Bytes> parts, MutBytes out) const noexcept;

 private:
  const HashAlgorithm* hash_;
  alignas(16) std::array<uint8_t, max_state_size> state_;
};

// ----------------------------------------------------------------------------------------------- AEADs

/// Which AEAD.
enum class AeadId : uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

/// Bytes of every AEAD's nonce (RFC 5116 §3.2).
inline constexpr size_t aead_nonce_size = 12;
/// Bytes by which every AEAD here makes a message longer.
inline constexpr size_t aead_tag_size = 16;
/// A nonce; never used twice with one key.
using AeadNonce = std::array<uint8_t, aead_nonce_size>;

/// A key ready for whole records. One object serves one direction and is not shared between threads.
class AeadKey {
 public:
  virtual ~AeadKey() = default;
  /// Encrypts the concatenation of `in` to the front of `out` and appends the tag: `out.size()` is the sum of
  /// the inputs plus aead_tag_size. The first input may lie exactly at `out.data()` (in place); any other
  /// overlap, of an input or of `aad`, or size, is refused by assertion.
  virtual void seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept = 0;
  /// Decrypts `inout` (ciphertext, then tag) in place; the plaintext is all but the last aead_tag_size bytes.
  /// False, and no plaintext left in `inout`, if the tag does not match or is not there.
  [[nodiscard]] virtual bool open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept = 0;
};

/// One AEAD (RFC 5116).
struct AeadAlgorithm {
  AeadId id;              ///< which one this is
  std::string_view name;  ///< for people: "AES-128-GCM"
  uint16_t key_size;      ///< bytes
  /// Full-size records that may be sealed under one key (RFC 9846 §5.5). After that, TLS 1.3 updates the key,
  /// and TLS 1.2 refuses to send: key_exhausted.
  uint64_t confidentiality_limit;
  /// A key ready for use, never nullptr; `key` has key_size bytes and is copied.
  std::unique_ptr<AeadKey> (*make_key)(Bytes key);
};

// ------------------------------------------------------------------------------------- key agreement

/// Groups are KEM-shaped, so X25519 and ML-KEM look alike: the initiator generates, the responder
/// encapsulates to the initiator's share and replies with its own, the initiator decapsulates the reply. This
/// is the first of the three.
struct GenerateJob {
  SecretBytes private_key = {};     ///< out: for decapsulate of the same provider and group; opaque to others
  std::vector<uint8_t> share = {};  ///< out: what the responder is sent
  bool ok = false;                  ///< out: false only where the provider or `random` failed
};
/// The second: what the responder does with the initiator's share.
struct EncapsulateJob {
  Bytes peer_share = {};            ///< in: the initiator's share, not checked yet
  std::vector<uint8_t> share = {};  ///< out: the reply
  SecretBytes secret = {};          ///< out: what both sides know
  bool ok = false;  ///< out: false where peer_share is no valid share of this group, or `random` failed
};
/// The third: what the initiator does with the reply.
struct DecapsulateJob {
  const SecretBytes* private_key = nullptr;  ///< in: that of GenerateJob
  Bytes peer_share = {};                     ///< in: the reply, not checked yet
  SecretBytes secret = {};                   ///< out: what both sides know
  bool ok = false;  ///< out: false for an invalid share or an all-zero secret (RFC 9846 §7.4.2)
};

/// One group. Every call takes n independent jobs, so that an implementation may compute them side by side.
/// Safe in several threads, as far as `random` is.
struct GroupAlgorithm {
  NamedGroup id;          ///< which one this is
  std::string_view name;  ///< for people: "x25519"
  uint16_t share_size;    ///< bytes of an initiator's share
  uint16_t reply_size;    ///< bytes of a responder's share
  /// Makes key pairs.
  void (*generate)(Random& random, std::span<GenerateJob> jobs) noexcept;
  /// Answers shares.
  void (*encapsulate)(Random& random, std::span<EncapsulateJob> jobs) noexcept;
  /// Takes the answers.
  void (*decapsulate)(std::span<DecapsulateJob> jobs) noexcept;
  uint8_t lanes = 1;  ///< jobs that a call may compute side by side: with more than one, gathering them pays
};

// -------------------------------------------------------------------------------------- signatures

/// Kinds of keys that certificates carry. rsa_pss: id-RSASSA-PSS, which makes PSS signatures only (RFC 4055).
enum class KeyType : uint8_t {
  rsa,
  rsa_pss,
  ec_p256,
  ec_p384,
  ec_p521,
  ed25519,
  ml_dsa_44,
  ml_dsa_65,
  ml_dsa_87,
};
/// For people: "ECDSA P-256".
std::string name_of(KeyType type);

/// What is signed how; a certificate's signatureAlgorithm and a TLS SignatureScheme both map to one of these.
/// PSS: MGF1 with the same hash, salt as long as the hash. ECDSA signatures are DER (RFC 3279 §2.2.3).
/// ML-DSA: FIPS 204 §5.2, the message itself (not HashML-DSA) under the empty context, hedged.
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
  ml_dsa_44,
  ml_dsa_65,
  ml_dsa_87,
};
/// For people: "RSA-PSS with SHA-256".
std::string name_of(SignatureAlgorithm algorithm);

/// A public key taken apart; the views belong to whoever parsed it.
struct PublicKeyView {
  KeyType type;         ///< says which of the fields are used
  Bytes modulus = {};   ///< RSA: big-endian without leading zeros
  Bytes exponent = {};  ///< RSA: big-endian without leading zeros
  Bytes point = {};     ///< EC: uncompressed (04 || X || Y); Ed25519, ML-DSA: the encoded key
  /// RSA-PSS: the one hash that its signatures may use, for message, MGF1 and length of the salt (RFC 4055
  /// §1.2); none where the key is bound to no parameters.
  std::optional<HashId> pss_hash = {};
};
/// Whether a key may make signatures of this kind. An RSA key makes those of PKCS#1 v1.5 and PSS; one that
/// says id-RSASSA-PSS PSS alone, with its hash. An EC key takes any hash: TLS 1.3 binds it to the curve,
/// which is not decided here.
bool allows(const PublicKeyView& key, SignatureAlgorithm algorithm) noexcept;

/// A private key taken apart, as it comes out of PKCS#8, PKCS#1 or SEC1. Big-endian numbers. Nothing is
/// checked until it is loaded.
struct PrivateKeyMaterial {
  KeyType type;  ///< says which of the fields are used
  // RSA, in the order and with the names of RFC 8017 §A.1.2
  std::vector<uint8_t> modulus = {},    ///< n
      exponent = {};                    ///< e
  SecretBytes private_exponent = {},    ///< d
      prime1 = {},                      ///< p
      prime2 = {},                      ///< q
      exponent1 = {},                   ///< d mod (p - 1)
      exponent2 = {},                   ///< d mod (q - 1)
      coefficient = {};                 ///< 1/q mod p
  std::optional<HashId> pss_hash = {};  ///< RSA-PSS: as in PublicKeyView
  /// EC: the scalar, as long as the field; Ed25519, ML-DSA: the 32-byte seed.
  SecretBytes scalar = {};
  /// ML-DSA: the private key as FIPS 204 §7.2 encodes it, where a file has it: instead of the seed, or beside
  /// it. A seed cannot be had from it.
  SecretBytes expanded = {};
  /// EC, Ed25519, ML-DSA: the public key as in PublicKeyView::point; empty where a file does not hold it, so
  /// that the provider computes it.
  std::vector<uint8_t> point = {};
};

/// One signature to check.
struct VerifyJob {
  const PublicKeyView* key = nullptr;                          ///< in: whose signature it should be
  SignatureAlgorithm algorithm = SignatureAlgorithm::ed25519;  ///< in: must fit the key, else ok is false
  Bytes message = {};                                          ///< in: whole, not its hash
  Bytes signature = {};                                        ///< in: as received
  bool ok = false;                                             ///< out: it verifies
};

/// One signature to make.
struct SignJob {
  SignatureAlgorithm algorithm = SignatureAlgorithm::ed25519;  ///< in: must fit the key, else ok is false
  Bytes message = {};                                          ///< in: whole, not its hash
  std::vector<uint8_t> signature = {};                         ///< out
  bool ok = false;                                             ///< out: it was made
};

/// A private key that signs. Immutable and usable from several threads. Implement it for an HSM or a remote
/// signer; see also Operation, which lets the answer come later.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  virtual KeyType type() const noexcept = 0;  ///< as that of public_key()
  /// The public half; views into this object.
  virtual PublicKeyView public_key() const noexcept = 0;
  /// Fills in `signature` and `ok` of every job. `random` is for what needs it (PSS salts, hedged ML-DSA);
  /// provider or device may use a source of its own (ECDSA nonces).
  virtual void sign(Random& random, std::span<SignJob> jobs) const noexcept = 0;
  /// Jobs that a call may compute side by side: with more than one, gathering them pays.
  virtual size_t lanes() const noexcept { return 1; }
};
/// A private key, shared by identities.
using SigningKeyPtr = std::shared_ptr<const SigningKey>;

/// Signatures and their keys. Safe in several threads.
struct SignatureFunctions {
  void (*verify)(std::span<VerifyJob> jobs) noexcept;  ///< fills in `ok` of every job
  /// Checks the key's consistency (RSA: p·q = n, e·d = 1; EC: scalar in range, point matches; ML-DSA: all
  /// that is there comes of one seed) and loads it. Errors: private_key_inconsistent; private_key_unsupported
  /// for an unsafe form or size, also of a prime, and for a type that the provider lacks.
  Result<SigningKeyPtr> (*load)(const PrivateKeyMaterial& material);
  /// Makes a key. `rsa_bits`: 2048 to 8192 in whole bytes (else bad_argument), ignored for other types. The
  /// material's `point` (or modulus) is filled in. RSA primes may come from the provider's own random source.
  /// Error: private_key_unsupported for a type that the provider lacks.
  Result<PrivateKeyMaterial> (*generate)(KeyType type, unsigned rsa_bits, Random& random);
};

/// AES-CBC without padding, for encrypted key files only; out of reach of TLS. Keys have 16, 24 or 32 bytes,
/// the IV has 16, `inout` is a multiple of 16; anything else ends the process. nullptr where a provider has
/// none.
struct KeyFileCipher {
  void (*cbc_encrypt)(Bytes key, Bytes iv, MutBytes inout) noexcept;  ///< in place
  void (*cbc_decrypt)(Bytes key, Bytes iv, MutBytes inout) noexcept;  ///< in place
};

// ---------------------------------------------------------------------------------------- the provider

/// Everything the library needs of cryptography. The struct and what it points to live for the whole program
/// and never change, so that threads share it.
struct Provider {
  std::string_view name;                           ///< "openssl"
  std::span<const HashAlgorithm* const> hashes;    ///< sha256 at least
  std::span<const AeadAlgorithm* const> aeads;     ///< suites whose AEAD is missing are not offered
  std::span<const GroupAlgorithm* const> groups;   ///< those that a config may name
  std::span<const SignatureAlgorithm> signatures;  ///< the algorithms that `verify` and keys can do
  SignatureFunctions signing;                      ///< signatures and keys
  KeyFileCipher key_files;                         ///< for encrypted private keys
  Random* random;                                  ///< used where a config brings no random source of its own

  /// The entry of this table, or nullptr where this provider has none.
  const HashAlgorithm* hash(HashId id) const noexcept;
  /// Likewise.
  const AeadAlgorithm* aead(AeadId id) const noexcept;
  /// Likewise.
  const GroupAlgorithm* group(NamedGroup id) const noexcept;
  /// Whether `signatures` holds it.
  bool supports(SignatureAlgorithm algorithm) const noexcept;
};

/// The library's own primitives, by the fastest kernels that this machine runs.
const Provider& builtin_provider() noexcept;
/// The provider that configs use when none is named: the builtin provider.
const Provider& default_provider() noexcept;

}  // namespace bulla
