// What bulla-timing measures.
#pragma once

#include "constant_time/welch.h"

#include <memory>
#include <string>
#include <vector>

namespace bulla::constant_time {

/// So many inputs of each class are made before anything is measured.
inline constexpr size_t inputs = 256;

/// An operation with two classes of secrets: 0 is always the same one, 1 is another one each time.
class Target {
 public:
  virtual ~Target() = default;
  virtual std::string name() const = 0;
  /// Puts input number `input` of a class where run() finds it, in the same way for both. Not measured.
  virtual void prepare(size_t which, size_t input) = 0;
  /// Measured.
  virtual void run() = 0;
};

/// The first of them leaks.
std::vector<std::unique_ptr<Target>> targets();

}  // namespace bulla::constant_time
