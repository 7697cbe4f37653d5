// HKDF (RFC 5869) over any provider's hash.
#pragma once

#include "crypto/hmac.h"

namespace bulla {

/// The longest output of one expansion: 255 digests (RFC 5869 §2.3). Callers check lengths from outside with
/// it.
constexpr size_t hkdf_max_output(const HashAlgorithm& hash) noexcept {
  return 255 * size_t{hash.digest_size};
}

/// PRK = HMAC(salt, input key material), digest_size bytes to the front of `out`. An empty salt stands for
/// zeros.
inline void hkdf_extract(const HashAlgorithm& hash, Bytes salt, Bytes key_material, MutBytes out) noexcept {
  HmacKey(hash, salt).mac({key_material}, out);
}

/// Of how many parts `info` may consist (asserted): HkdfLabel of TLS 1.3 has five.
inline constexpr size_t hkdf_max_parts = 5;

/// Fills `out`, which has at most hkdf_max_output(hash) bytes (asserted), from the pseudorandom key. `info`:
/// the concatenation of these.
void hkdf_expand(const HmacKey& key, std::initializer_list<Bytes> info, MutBytes out) noexcept;
inline void hkdf_expand(const HashAlgorithm& hash, Bytes key, Bytes info, MutBytes out) noexcept {
  hkdf_expand(HmacKey(hash, key), {info}, out);
}

/// The same into a secret of the caller's type: `auto early = hkdf_extract<EarlySecret>(hash, salt, psk);`
template <class Secret>
Secret hkdf_extract(const HashAlgorithm& hash, Bytes salt, Bytes key_material) noexcept {
  Secret secret(size_t{hash.digest_size});
  hkdf_extract(hash, salt, key_material, secret.writable());
  return secret;
}
template <class Secret>
Secret hkdf_expand(const HashAlgorithm& hash, Bytes key, Bytes info, size_t size) noexcept {
  Secret secret(size);
  hkdf_expand(hash, key, info, secret.writable());
  return secret;
}

}  // namespace bulla
