// Commands that are advised.
#pragma once

#include <string>
#include <string_view>

namespace bulla {

/// One word to a shell, quoted where it has to be, whatever a file or a name of somebody else has in it;
/// control characters are made visible.
std::string shell_word(std::string_view text);

}  // namespace bulla
