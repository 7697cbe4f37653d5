// SHA-1 and SHA-2 over libcrypto's low-level contexts: plain memory without pointers, so a state is copied
// with memcpy and costs neither an allocation nor a fetch.
#include "crypto/openssl/libcrypto.h"
#include "crypto/openssl/tables.h"

#include <openssl/sha.h>

#include <type_traits>

namespace bulla::openssl {

namespace {

template <class Context, int (*Init)(Context*), int (*Update)(Context*, const void*, size_t),
          int (*Final)(unsigned char*, Context*)>
constexpr HashAlgorithm make_hash(HashId id, std::string_view name, uint16_t digest_size,
                                  uint16_t block_size) {
  static_assert(sizeof(Context) <= HashContext::max_state_size && alignof(Context) <= 16);
  static_assert(std::is_trivially_copyable_v<Context>);
  return {
      .id = id,
      .name = name,
      .digest_size = digest_size,
      .block_size = block_size,
      .state_size = sizeof(Context),
      .init = [](void* state) noexcept { Init(static_cast<Context*>(state)); },
      .update =
          [](void* state, Bytes data) noexcept {
            if (!data.empty()) Update(static_cast<Context*>(state), data.data(), data.size());
          },
      .finish = [](void* state, uint8_t* digest) noexcept { Final(digest, static_cast<Context*>(state)); }};
}

}  // namespace

constexpr HashAlgorithm sha1 =
    make_hash<SHA_CTX, SHA1_Init, SHA1_Update, SHA1_Final>(HashId::sha1, "SHA-1", 20, 64);
constexpr HashAlgorithm sha256 =
    make_hash<SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final>(HashId::sha256, "SHA-256", 32, 64);
constexpr HashAlgorithm sha384 =
    make_hash<SHA512_CTX, SHA384_Init, SHA384_Update, SHA384_Final>(HashId::sha384, "SHA-384", 48, 128);
constexpr HashAlgorithm sha512 =
    make_hash<SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final>(HashId::sha512, "SHA-512", 64, 128);

}  // namespace bulla::openssl
