// The provider under test, which default_provider() gives in the programs of tests, so that configs that name
// none use it. BULLA_TEST_PROVIDER names it, so that one suite is run once for each:
//   openssl          libcrypto
//   builtin          our primitives, by the kernels that this machine would pick
//   builtin:soft     by the kernels that need nothing; likewise builtin:sha_ni, and every other kernel's
//   name:
//                    what a machine with just the extensions of that kernel would pick
// Unset: builtin.
#pragma once

#include <bulla/provider.h>

#include <string>
#include <vector>

namespace bulla::test {

/// A name that nobody has, or a kernel that this machine cannot run, ends the process with a sentence.
const Provider& tested_provider();

/// Its random source; the openssl provider's where it has none.
Random& tested_random();

/// "sha256:sha_ni", "sha256:soft", ...: the kernels that the builtin provider would use on a machine with
/// these extensions.
std::vector<std::string> picked_kernels(uint32_t have);

}  // namespace bulla::test
