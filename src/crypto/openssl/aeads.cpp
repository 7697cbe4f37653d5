// AES-GCM and ChaCha20-Poly1305 over EVP_CIPHER_CTX. The key schedule is made once; a record costs a new
// nonce, its additional data, its bytes and its tag.
#include "crypto/aead_buffers.h"
#include "crypto/openssl/libcrypto.h"
#include "crypto/openssl/tables.h"

#include <algorithm>
#include <cstring>

namespace bulla::openssl {

namespace {

/// EVP counts in int; longer inputs go in steps.
constexpr size_t max_step = size_t{1} << 30;
/// Pieces up to this size are copied behind the piece before them: cheaper than another call into libcrypto.
constexpr size_t copied_piece = 256;

class EvpAeadKey final : public AeadKey {
 public:
  EvpAeadKey(const EVP_CIPHER* cipher, Bytes key) noexcept : context_(EVP_CIPHER_CTX_new()) {
    BULLA_ASSERT(context_ && EVP_EncryptInit_ex(context_.get(), cipher, nullptr, key.data(), nullptr),
                 "an AEAD key is set up unless memory ran out");
  }

  void seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept override;
  bool open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept override;

 private:
  /// Runs `in` through the cipher to `out`; the additional data has no `out`.
  bool update(uint8_t* out, Bytes in) noexcept;

  std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>> context_;
};

bool EvpAeadKey::update(uint8_t* out, Bytes in) noexcept {
  while (!in.empty()) {
    const size_t step = std::min(in.size(), max_step);
    int done = 0;
    if (!EVP_CipherUpdate(context_.get(), out, &done, in.data(), static_cast<int>(step))) return false;
    in = in.subspan(step);
    if (out) out += step;
  }
  return true;
}

void EvpAeadKey::seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept {
  (void)crypto::checked_text_size(out, aad, in);
  EVP_CIPHER_CTX* context = context_.get();
  bool ok = EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) && update(nullptr, aad);
  // [run, at) is plaintext that already lies where its ciphertext goes.
  size_t run = 0;
  size_t at = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    const Bytes piece = in[i];
    if (i == 0 && piece.data() == out.data()) {
      at = piece.size();
      continue;
    }
    if (piece.size() <= copied_piece) {
      if (!piece.empty()) std::memcpy(out.data() + at, piece.data(), piece.size());
      at += piece.size();
      continue;
    }
    ok = ok && update(out.data() + run, out.subspan(run, at - run)) && update(out.data() + at, piece);
    run = at += piece.size();
  }
  int done = 0;
  ok = ok && update(out.data() + run, out.subspan(run, at - run)) &&
       EVP_EncryptFinal_ex(context, out.data() + at, &done) &&
       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, aead_tag_size, out.data() + at);
  BULLA_ASSERT(ok, "sealing cannot fail");
}

bool EvpAeadKey::open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept {
  if (inout.size() < aead_tag_size) {
    wipe(inout);
    return false;
  }
  const ErrorQueueGuard errors;
  EVP_CIPHER_CTX* context = context_.get();
  const MutBytes text = inout.first(inout.size() - aead_tag_size);
  const MutBytes tag = inout.last(aead_tag_size);
  int done = 0;
  const bool ok = EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) &&
                  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, aead_tag_size, tag.data()) &&
                  update(nullptr, aad) && update(text.data(), text) &&
                  EVP_DecryptFinal_ex(context, tag.data(), &done);
  if (!ok) wipe(inout);
  return ok;
}

/// The cipher, fetched once; nullptr where libcrypto's configuration has no provider of it.
template <const char* const& Name>
const EVP_CIPHER* cipher() noexcept {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, Name, nullptr);
  return fetched;
}

template <const char* const& Name, size_t KeySize>
std::unique_ptr<AeadKey> make_key(Bytes key) {
  BULLA_ASSERT(cipher<Name>(), "the provider's tables hold what libcrypto gives");
  BULLA_ASSERT(key.size() == KeySize, "an AEAD key has the size that its algorithm names");
  return std::make_unique<EvpAeadKey>(cipher<Name>(), key);
}

constexpr const char* aes_128_gcm_name = "AES-128-GCM";
constexpr const char* aes_256_gcm_name = "AES-256-GCM";
constexpr const char* chacha20_poly1305_name = "ChaCha20-Poly1305";

/// RFC 9846 §5.5: 2^24.5 full-size records for AES-GCM. ChaCha20-Poly1305: the sequence number ends first.
constexpr uint64_t gcm_limit = 23'726'566;
constexpr uint64_t chacha_limit = UINT64_MAX;

}  // namespace

constexpr AeadAlgorithm aes_128_gcm = {.id = AeadId::aes_128_gcm,
                                       .name = "AES-128-GCM",
                                       .key_size = 16,
                                       .confidentiality_limit = gcm_limit,
                                       .make_key = make_key<aes_128_gcm_name, 16>};
constexpr AeadAlgorithm aes_256_gcm = {.id = AeadId::aes_256_gcm,
                                       .name = "AES-256-GCM",
                                       .key_size = 32,
                                       .confidentiality_limit = gcm_limit,
                                       .make_key = make_key<aes_256_gcm_name, 32>};
constexpr AeadAlgorithm chacha20_poly1305 = {.id = AeadId::chacha20_poly1305,
                                             .name = "ChaCha20-Poly1305",
                                             .key_size = 32,
                                             .confidentiality_limit = chacha_limit,
                                             .make_key = make_key<chacha20_poly1305_name, 32>};

bool is_available(AeadId id) noexcept {
  switch (id) {
    case AeadId::aes_128_gcm: return cipher<aes_128_gcm_name>() != nullptr;
    case AeadId::aes_256_gcm: return cipher<aes_256_gcm_name>() != nullptr;
    case AeadId::chacha20_poly1305: return cipher<chacha20_poly1305_name>() != nullptr;
  }
  return false;
}

}  // namespace bulla::openssl
