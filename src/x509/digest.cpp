#include "x509/digest.h"

namespace bulla::x509 {

std::vector<uint8_t> digest_of(const Provider& provider, HashId hash, Bytes data) {
  const HashAlgorithm* algorithm = provider.hash(hash);
  if (!algorithm) return {};
  std::vector<uint8_t> out(algorithm->digest_size);
  HashContext context(*algorithm);
  context.update(data);
  context.finish(out);
  return out;
}

}  // namespace bulla::x509
