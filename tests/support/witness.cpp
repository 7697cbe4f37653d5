#include "support/witness.h"

#if defined(BULLA_WITH_OPENSSL)
#include <bulla/openssl_provider.h>
#endif

namespace bulla::test {

const Provider* witness() {
#if defined(BULLA_WITH_OPENSSL)
  return &openssl_provider();
#else
  return nullptr;
#endif
}

}  // namespace bulla::test
