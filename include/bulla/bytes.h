// Bytes as the library passes them around: views that own nothing, and the one growing buffer that callers
// own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulla {

/// A view of bytes that somebody else owns; valid as long as the owner says.
using Bytes = std::span<const uint8_t>;
/// A writable view of bytes that somebody else owns.
using MutBytes = std::span<uint8_t>;

/// The bytes of a text, without its terminator.
inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// The bytes as text; the view shares their lifetime. No encoding is checked.
inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An owned copy.
inline std::vector<uint8_t> to_vector(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Equality of public bytes; variable time. Secrets are compared with ct::equal.
inline bool equal_vartime(Bytes a, Bytes b) noexcept {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

/// Lower-case hexadecimal without separators.
std::string to_hex(Bytes bytes);

/// The append-only buffer into which the engine writes what is to be sent. The caller owns it, sends
/// `pending()`, and says how much went out with `sent(n)`. Memory is kept for reuse until `release()`; where
/// there is none left, the process ends. For one thread at a time.
class Output {
 public:
  Output() noexcept = default;
  /// Takes the other's bytes and memory; the other is empty afterwards.
  Output(Output&& other) noexcept;
  /// Swaps with the other.
  Output& operator=(Output&& other) noexcept;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  /// What waits to be sent; the view lives until the next call that is not const.
  Bytes pending() const noexcept { return {data_ + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }  ///< nothing is pending
  /// Marks the first `n` pending bytes as sent; `n` must not exceed pending().size().
  void sent(size_t n) noexcept;
  /// Appends `n` bytes that are not initialised and returns them; to be written before the next call.
  MutBytes grow(size_t n);
  /// Appends a copy; `bytes` may not lie in this buffer, whose memory may move.
  void append(Bytes bytes);
  /// Changes one pending byte, `at` counted from the front of pending().
  void patch(size_t at, uint8_t byte) noexcept;
  /// Takes the last `n` appended bytes back; `n` must not exceed pending().size().
  void shrink(size_t n) noexcept;
  /// Forgets everything pending, keeps the memory.
  void clear() noexcept { begin_ = end_ = 0; }
  /// Gives the memory back if nothing is pending.
  void release() noexcept;
  /// Bytes of memory that are held, pending or not.
  size_t capacity() const noexcept { return capacity_; }
  /// Whether any of these bytes lie in that memory.
  bool holds(Bytes bytes) const noexcept;

 private:
  uint8_t* data_ = nullptr;
  size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

/// A receive buffer for callers of the engine: bytes are filled in at the back, taken by the engine from the
/// front. `Connection::next` advances `unread`; what it handed out stays valid until `space()` is called. It
/// may be moved; a copy's `unread` would lie in the original.
class ReceiveBuffer {
 public:
  /// Holds one whole TLS record of either version (RFC 5246 §6.2.3: 5 + 2^14 + 2048, the larger bound).
  static constexpr size_t default_capacity = 5 + 16384 + 2048;
  /// `capacity` in bytes. With less than the default, a long record never becomes whole.
  explicit ReceiveBuffer(size_t capacity = default_capacity) : storage_(capacity) {}
  /// `unread` views the storage: it moves along, and there is nothing it could say of a copy.
  ReceiveBuffer(ReceiveBuffer&& other) noexcept
      : unread(std::exchange(other.unread, {})), storage_(std::move(other.storage_)) {}
  ReceiveBuffer& operator=(ReceiveBuffer&& other) noexcept {
    unread = std::exchange(other.unread, {});
    storage_ = std::move(other.storage_);
    return *this;
  }
  ReceiveBuffer(const ReceiveBuffer&) = delete;
  ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;

  /// Moves what is unread to the front and returns the free room behind it, to receive into. AppData that was
  /// handed out before is gone.
  MutBytes space() noexcept;
  /// Says that the first `n` bytes of space() were filled; no more than it had.
  void filled(size_t n) noexcept;

  /// What the engine has not taken yet; pass it to Connection::next.
  MutBytes unread = {};

 private:
  std::vector<uint8_t> storage_;
};

}  // namespace bulla
