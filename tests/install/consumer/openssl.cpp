// libcrypto behind the seam, from an installed tree: the two providers compute the same.
#include <bulla/openssl_provider.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace {

struct Digest {
  uint8_t bytes[bulla::max_digest_size] = {};
};

Digest digest_of(const bulla::Provider& provider, bulla::Bytes data) {
  Digest out;
  bulla::HashContext hash(*provider.hash(bulla::HashId::sha256));
  hash.update(data);
  hash.finish(out.bytes);
  return out;
}

}  // namespace

int main() {
  const uint8_t data[] = {'a', 'b', 'c'};
  const Digest ours = digest_of(bulla::default_provider(), data);
  const Digest theirs = digest_of(bulla::openssl_provider(), data);
  const bool ok = bulla::openssl_provider().name != bulla::default_provider().name &&
                  std::equal(std::begin(ours.bytes), std::end(ours.bytes), theirs.bytes);
  std::puts(ok ? "openssl: the providers agree" : "openssl: FAILED");
  return ok ? 0 : 1;
}
