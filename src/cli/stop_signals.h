// Ctrl-C and SIGTERM as something that poll() sees.
#pragma once

#include <bulla/os.h>

namespace bulla::cli {

/// From its making on, SIGINT and SIGTERM do not end the process but make descriptor() readable. Make it
/// before any thread.
class StopSignals {
 public:
  static Result<StopSignals> watch();
  int descriptor() const noexcept { return descriptor_.number(); }
  /// Lets the signal that waits do what it would have done: as a rule it ends the process, and the shell sees
  /// that it was interrupted. Returns where none waits.
  void deliver() const noexcept;

 private:
  explicit StopSignals(Descriptor descriptor) noexcept : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

}  // namespace bulla::cli
