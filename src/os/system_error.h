// errno as an explained Error.
#pragma once

#include <bulla/error.h>

#include <string_view>

namespace bulla::os {

/// `code` with the detail "WHAT: the system's words for `number`". Out of descriptors is its own row
/// everywhere.
Error system_error(ErrorCode code, std::string_view what, int number);

/// The row for a failed read from or write to a socket.
ErrorCode code_of_socket_error(int number) noexcept;

}  // namespace bulla::os
