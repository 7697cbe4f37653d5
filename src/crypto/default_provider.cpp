// Alone in its file: tests link another in its place, and so run everything on the provider that they name.
#include <bulla/provider.h>

namespace bulla {

const Provider& default_provider() noexcept {
  return builtin_provider();
}

}  // namespace bulla
