#include "provider.h"

#include "crypto/builtin/assemble.h"

#include <bulla/openssl_provider.h>

namespace bulla {
namespace {

const Provider* chosen = nullptr;

}  // namespace

bool bench::use_provider(std::string_view name) {
  if (name.starts_with("builtin:")) {
    const auto needs = crypto::needs_of(name.substr(8));
    if (!needs || (*needs & ~crypto::cpu_word()) != 0) return false;
    crypto::limit_cpu_word(*needs);
    chosen = &builtin_provider();
    return true;
  }
  for (const Provider* provider : {&builtin_provider(), &openssl_provider()})
    if (provider->name == name) chosen = provider;
  return chosen && chosen->name == name;
}

/// In the place of the library's own (src/crypto/default_provider.cpp).
const Provider& default_provider() noexcept {
  return chosen ? *chosen : builtin_provider();
}

}  // namespace bulla
