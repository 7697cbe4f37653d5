#include "crypto/tls12_prf.h"

#include "crypto/hmac.h"

#include <algorithm>
#include <cstring>

namespace bulla {

void tls12_prf(const HashAlgorithm& hash, Bytes secret, std::string_view label,
               std::initializer_list<Bytes> seeds, MutBytes out) noexcept {
  const HmacKey key(hash, secret);
  const auto update_seed = [&](Hmac& running) {
    running.update(as_bytes(label));
    for (const Bytes seed : seeds) running.update(seed);
  };
  std::array<uint8_t, max_digest_size> a, block;
  const Bytes chain = Bytes(a).first(key.size());

  Hmac first(key);  // A(1) = HMAC(secret, A(0)), A(0) = label || seed
  update_seed(first);
  first.finish(a);
  while (!out.empty()) {
    Hmac running(key);  // HMAC(secret, A(i) || label || seed)
    running.update(chain);
    update_seed(running);
    running.finish(block);
    const size_t n = std::min(out.size(), key.size());
    std::memcpy(out.data(), block.data(), n);
    out = out.subspan(n);
    if (!out.empty()) key.mac({chain}, a);  // A(i + 1)
  }
  wipe(a);
  wipe(block);
}

}  // namespace bulla
