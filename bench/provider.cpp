#include "provider.h"

#include <bulla/openssl_provider.h>

namespace bulla {
namespace {

const Provider* chosen = nullptr;

}  // namespace

bool bench::use_provider(std::string_view name) {
  for (const Provider* provider : {&builtin_provider(), &openssl_provider()})
    if (provider->name == name) chosen = provider;
  return chosen && chosen->name == name;
}

/// In the place of the library's own (src/crypto/default_provider.cpp).
const Provider& default_provider() noexcept {
  return chosen ? *chosen : builtin_provider();
}

}  // namespace bulla
