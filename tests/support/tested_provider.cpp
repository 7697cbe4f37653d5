#include "support/tested_provider.h"

#include "crypto/builtin/assemble.h"
#include "support/witness.h"

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace bulla::test {
namespace {

[[noreturn]] void give_up(const std::string& name, const char* why) {
  std::fprintf(stderr, "BULLA_TEST_PROVIDER=%s: %s\n", name.c_str(), why);
  std::exit(2);
}

const Provider& with_kernel(const std::string& name, std::string_view kernel) {
  const auto needs = crypto::needs_of(kernel);
  if (!needs) give_up(name, "there is no such kernel");
  if (*needs & ~crypto::cpu_word()) give_up(name, "this machine cannot run that kernel");
  crypto::limit_cpu_word(*needs);
  return builtin_provider();
}

const Provider& choose() {
  const char* variable = std::getenv("BULLA_TEST_PROVIDER");
  const std::string name = variable ? variable : "";
  if (name == "openssl") {
    if (!witness()) give_up(name, "this build has no libcrypto: BULLA_OPENSSL=OFF");
    return *witness();
  }
  if (name.empty() || name == "builtin") return builtin_provider();
  if (name.starts_with("builtin:")) return with_kernel(name, std::string_view(name).substr(8));
  give_up(name, "there is no such provider");
}

}  // namespace

const Provider& tested_provider() {
  static const Provider& chosen = choose();
  return chosen;
}

Random& tested_random() {
  return *tested_provider().random;
}

std::vector<std::string> picked_kernels(uint32_t have) {
  std::vector<std::string> out;
  std::string last;
  crypto::for_each_kernel([&](std::string_view primitive, std::string_view name, crypto::CpuBits needs) {
    if (primitive == last || (needs & ~have) != 0) return;  // the first of a table that runs is the one
    last = primitive;
    out.push_back(std::string(primitive) + ':' + std::string(name));
  });
  return out;
}

}  // namespace bulla::test

/// In the place of the library's own (src/crypto/default_provider.cpp).
const bulla::Provider& bulla::default_provider() noexcept {
  return test::tested_provider();
}
