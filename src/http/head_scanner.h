// Finds the end of a message head, byte by byte, and refuses on the way what Beast would let pass or judge
// differently depending on how the bytes were split: bare LF and CR, control characters, obs-fold, too long,
// too many. Beast then sees only whole heads.
#pragma once

#include <bulla/bytes.h>
#include <bulla/error.h>

#include <optional>
#include <string>

namespace bulla::http {

class HeadScanner {
 public:
  enum class Kind : uint8_t { request, response };
  struct Limits {
    uint32_t target;  ///< of a request line
    uint32_t bytes;
    uint32_t fields;
  };
  HeadScanner(Kind kind, Limits limits) noexcept : kind_(kind), limits_(limits) {}

  /// Takes bytes from the front of `in` up to the end of the head. Returns the error of the first bad byte.
  std::optional<ErrorCode> scan(Bytes& in);
  /// The whole head was seen. It is in `head()`, until the bytes given to the last scan() go.
  bool complete() const noexcept { return complete_; }
  Bytes head() const noexcept { return head_; }
  /// Nothing came but empty lines before the head.
  bool blank() const noexcept { return size_ == 0; }
  /// What is held of the first line.
  std::string_view first_line() const noexcept;

 private:
  std::optional<ErrorCode> take(uint8_t byte) noexcept;
  std::optional<ErrorCode> end_of_line() noexcept;
  std::optional<ErrorCode> check_first_line(uint8_t byte) noexcept;
  bool skip_leading(uint8_t byte) noexcept;

  Kind kind_;
  bool complete_ = false;
  uint8_t previous_ = 0;
  uint8_t spaces_ = 0;        ///< seen in the first line: the target stands between the first and the second
  uint8_t leading_ = 0;       ///< bytes of empty lines before the first line
  uint32_t size_ = 0;         ///< bytes of the head so far
  uint32_t line_ = 0;         ///< number of the current line
  uint32_t line_length_ = 0;  ///< bytes of the current line so far
  uint32_t target_length_ = 0;
  Limits limits_;
  std::vector<uint8_t> kept_;  ///< earlier parts, when the head came in several
  Bytes head_;
};

}  // namespace bulla::http
