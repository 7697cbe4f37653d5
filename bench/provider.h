// Which provider ours runs on: the programs' default_provider(), chosen on the command line.
#pragma once

#include <bulla/provider.h>

#include <string_view>

namespace bulla::bench {

/// "builtin" (the default); "builtin:soft" and the like, by the kernels of a machine with just what that one
/// needs; "openssl": libcrypto's primitives, as libssl has them. False for another name. Call it before
/// anything asks for a provider.
bool use_provider(std::string_view name);

}  // namespace bulla::bench
