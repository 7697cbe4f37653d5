// What every file of this folder needs of libcrypto: owning pointers, a clean error queue, numbers. Only
// files of this folder include it. libcrypto 3.0's low-level functions are used on purpose where they save
// the fetch and parameter machinery of EVP; they are marked deprecated, not removed, and remain in every 3.x.
#pragma once

#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/assert.h"

#include <bulla/provider.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

namespace bulla::openssl {

/// An owning pointer to a libcrypto object.
template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Bignum = std::unique_ptr<BIGNUM, Freer<BN_clear_free>>;
using BignumContext = std::unique_ptr<BN_CTX, Freer<BN_CTX_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using EcKey = std::unique_ptr<EC_KEY, Freer<EC_KEY_free>>;
using EcPoint = std::unique_ptr<EC_POINT, Freer<EC_POINT_clear_free>>;

/// libcrypto leaves its complaints in a queue of the thread. Whatever is added to it while this object lives
/// is dropped; what the embedding program left there before stays.
class ErrorQueueGuard {
 public:
  ErrorQueueGuard() noexcept { ERR_set_mark(); }
  ~ErrorQueueGuard() { ERR_pop_to_mark(); }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

/// A big-endian number.
inline Bignum to_bignum(Bytes bytes) noexcept {
  return Bignum(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

/// A big-endian number with which libcrypto computes in constant time where it can.
inline Bignum to_secret_bignum(Bytes bytes) noexcept {
  Bignum number = to_bignum(bytes);
  if (number) BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

/// Whether the big-endian numbers satisfy 0 < value < bound, both of the same length, in constant time.
bool in_range(Bytes value, Bytes bound) noexcept;

}  // namespace bulla::openssl
