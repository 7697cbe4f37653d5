// AES-CBC for encrypted key files (RFC 8018 §B.2.5).
#include "crypto/openssl/libcrypto.h"
#include "crypto/openssl/tables.h"

namespace bulla::openssl {

namespace {

constexpr size_t aes_block_size = 16;

/// Fetched once; nullptr where libcrypto's configuration has no provider of it, or nobody has.
const EVP_CIPHER* cbc_cipher(size_t key_size) noexcept {
  static const EVP_CIPHER* const aes_128 = EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr);
  static const EVP_CIPHER* const aes_192 = EVP_CIPHER_fetch(nullptr, "AES-192-CBC", nullptr);
  static const EVP_CIPHER* const aes_256 = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  switch (key_size) {
    case 16: return aes_128;
    case 24: return aes_192;
    case 32: return aes_256;
    default: return nullptr;
  }
}

void cbc(Bytes key, Bytes iv, MutBytes inout, int encrypt) noexcept {
  const EVP_CIPHER* cipher = cbc_cipher(key.size());
  BULLA_ASSERT(cipher, "an AES key has 16, 24 or 32 bytes");
  BULLA_ASSERT(iv.size() == aes_block_size, "AES-CBC has an IV of 16 bytes");
  BULLA_ASSERT(inout.size() % aes_block_size == 0 && inout.size() <= INT32_MAX, "AES-CBC takes whole blocks");
  const std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
  int done = 0;
  const bool ok =
      context && EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), iv.data(), encrypt) &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) &&
      (inout.empty() ||
       EVP_CipherUpdate(context.get(), inout.data(), &done, inout.data(), static_cast<int>(inout.size())));
  BULLA_ASSERT(ok, "AES-CBC cannot fail");
}

}  // namespace

KeyFileCipher available_key_file_cipher() noexcept {
  if (!cbc_cipher(16) || !cbc_cipher(24) || !cbc_cipher(32)) return {};
  return {.cbc_encrypt = [](Bytes key, Bytes iv, MutBytes inout) noexcept { cbc(key, iv, inout, 1); },
          .cbc_decrypt = [](Bytes key, Bytes iv, MutBytes inout) noexcept { cbc(key, iv, inout, 0); }};
}

}  // namespace bulla::openssl
