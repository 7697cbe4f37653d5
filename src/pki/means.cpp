#include "pki/means.h"

#include <bulla/os.h>

namespace bulla::pki {

Means means_of(const Surroundings& around) noexcept {
  const Provider& provider = around.provider ? *around.provider : default_provider();
  return {around.now ? *around.now : bulla::now(), around.random ? *around.random : *provider.random,
          provider};
}

}  // namespace bulla::pki
