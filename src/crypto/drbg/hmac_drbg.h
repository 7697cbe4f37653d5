// HMAC_DRBG (NIST SP 800-90A §10.1.2): a deterministic generator. Behind the system's entropy it makes random
// bytes, behind a private key and a message the nonces of RFC 6979.
#pragma once

#include "crypto/hmac.h"

#include <initializer_list>
#include <optional>

namespace bulla::crypto {

/// The state is wiped when it dies. For one thread at a time.
class HmacDrbg {
 public:
  /// SP 800-90A §10.1.2.3. `seed`: entropy, nonce and personalisation, one behind the other.
  HmacDrbg(const HashAlgorithm& hash, std::initializer_list<Bytes> seed) noexcept;
  HmacDrbg(const HmacDrbg&) = delete;
  HmacDrbg& operator=(const HmacDrbg&) = delete;

  /// SP 800-90A §10.1.2.4: mixes in more; what was known of the state before is no longer enough.
  void reseed(std::initializer_list<Bytes> seed) noexcept { update(seed); }
  /// SP 800-90A §10.1 table 2: bytes of the largest request.
  static constexpr size_t max_request = (size_t{1} << 19) / 8;
  /// SP 800-90A §10.1.2.5 without additional input: fills `out`, of at most max_request bytes, and forgets
  /// the state that made it.
  void generate(MutBytes out) noexcept;

 private:
  void update(std::initializer_list<Bytes> data) noexcept;

  std::optional<HmacKey> key_;  ///< always there: a new K takes the place of the one before
  InlineSecret<HmacDrbg, max_digest_size> v_;
};

}  // namespace bulla::crypto
