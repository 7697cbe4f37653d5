// Secret values: move-only, wiped when they die, never printed, compared or copied by accident.
#pragma once

#include <bulla/bytes.h>

#include <array>
#include <cstring>
#include <memory>
#include <utility>

namespace bulla {

/// Overwrites `bytes` with zeros in a way that no optimiser removes.
void wipe(MutBytes bytes) noexcept;

/// A secret of up to `Capacity` bytes kept in place. `Role` is a type of its own for each use, so that a
/// client secret cannot be passed where a server secret is meant. Copies are made with clone() only.
template <class Role, size_t Capacity>
class InlineSecret {
 public:
  static constexpr size_t capacity = Capacity;  ///< bytes at most, below 256
  /// Empty.
  InlineSecret() noexcept = default;
  /// A secret of `size` zero bytes, to be filled through writable(). More than `Capacity` ends the process.
  explicit InlineSecret(size_t size) noexcept : size_(static_cast<uint8_t>(size)) {
    static_assert(Capacity < 256);
    if (size > Capacity) __builtin_trap();
  }
  /// A copy of `bytes`; whoever holds those wipes them. More than `Capacity` ends the process.
  explicit InlineSecret(Bytes bytes) noexcept : InlineSecret(bytes.size()) {
    if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
  }
  /// The other is wiped and empty afterwards.
  InlineSecret(InlineSecret&& other) noexcept : bytes_(other.bytes_), size_(other.size_) { other.reset(); }
  /// The same; what was here is overwritten.
  InlineSecret& operator=(InlineSecret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      size_ = other.size_;
      other.reset();
    }
    return *this;
  }
  InlineSecret(const InlineSecret&) = delete;
  InlineSecret& operator=(const InlineSecret&) = delete;
  /// Wipes it.
  ~InlineSecret() { reset(); }
  bool operator==(const InlineSecret&) const = delete;

  /// A second copy, made on purpose.
  InlineSecret clone() const noexcept { return InlineSecret(reveal()); }
  bool empty() const noexcept { return size_ == 0; }  ///< no bytes: never set, moved from or reset
  size_t size() const noexcept { return size_; }      ///< bytes
  /// The secret bytes, for the primitive that needs them; do not keep, log or compare them. The view lives as
  /// long as this object stays where it is.
  Bytes reveal() const noexcept { return {bytes_.data(), size_}; }
  /// The same bytes, to be filled in.
  MutBytes writable() noexcept { return {bytes_.data(), size_}; }
  /// Wipes the secret and leaves it empty.
  void reset() noexcept {
    wipe(bytes_);
    size_ = 0;
  }

 private:
  std::array<uint8_t, Capacity> bytes_{};
  uint8_t size_ = 0;
};

/// A secret of any length on the heap, wiped before it is freed. Copies are made with clone() only.
class SecretBytes {
 public:
  /// Empty; nothing is allocated.
  SecretBytes() noexcept = default;
  /// `size` zero bytes, to be filled through writable().
  explicit SecretBytes(size_t size) : bytes_(size ? new uint8_t[size]() : nullptr), size_(size) {}
  /// A copy of `bytes`; whoever holds those wipes them.
  explicit SecretBytes(Bytes bytes) : SecretBytes(bytes.size()) {
    if (!bytes.empty()) std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }
  /// Takes the memory; the other is empty afterwards, and views of the bytes stay valid.
  SecretBytes(SecretBytes&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  /// The same; what was here is wiped and freed.
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      reset();
      bytes_ = std::move(other.bytes_);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  /// Wipes and frees it.
  ~SecretBytes() { reset(); }
  bool operator==(const SecretBytes&) const = delete;

  /// A second copy, made on purpose.
  SecretBytes clone() const { return SecretBytes(reveal()); }
  bool empty() const noexcept { return size_ == 0; }  ///< no bytes: never set, moved from or reset
  size_t size() const noexcept { return size_; }      ///< bytes
  /// The secret bytes, for the primitive that needs them; do not keep, log or compare them. The view lives
  /// until this object is assigned to, reset or destroyed.
  Bytes reveal() const noexcept { return {bytes_.get(), size_}; }
  /// The same bytes, to be filled in.
  MutBytes writable() noexcept { return {bytes_.get(), size_}; }
  /// Wipes and frees the secret and leaves it empty.
  void reset() noexcept {
    wipe(writable());
    bytes_.reset();
    size_ = 0;
  }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
  size_t size_ = 0;
};

}  // namespace bulla
