#include "os/system_error.h"

#include <cerrno>
#include <system_error>

namespace bulla::os {

Error system_error(ErrorCode code, std::string_view what, int number) {
  if (number == EMFILE || number == ENFILE) code = ErrorCode::too_many_files;
  Error error{code};
  error.detail = std::string(what) + ": " + std::generic_category().message(number);
  return error;
}

ErrorCode code_of_socket_error(int number) noexcept {
  switch (number) {
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED: return ErrorCode::connection_reset;
    case ETIMEDOUT: return ErrorCode::timeout;
    default: return ErrorCode::io_failed;
  }
}

}  // namespace bulla::os
