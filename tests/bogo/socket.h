// The shim's end of the transport: a blocking TCP connection to the runner.
#pragma once

#include "bogo/flags.h"

#include <bulla/os.h>

namespace bulla::bogo {

class Socket {
 public:
  /// Connects and sends the shim's id, eight bytes little-endian.
  static Result<Socket> connect(const Flags& flags);

  /// Blocks until something is there; 0: the runner closed or reset the connection.
  size_t receive(MutBytes out);
  /// False once the runner no longer listens; what is lost then is not an error yet, an alert of its may be
  /// waiting.
  bool send(Bytes bytes);
  /// Half-closes, then reads until the runner closes: a reset would destroy what it has not read yet.
  void close();

 private:
  explicit Socket(Descriptor descriptor) noexcept : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
  bool writable_ = true;
};

}  // namespace bulla::bogo
