#include <bulla/bytes.h>

#include "base/assert.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace bulla {

std::string to_hex(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const uint8_t b : bytes) {
    out.push_back(digits[b >> 4]);
    out.push_back(digits[b & 15]);
  }
  return out;
}

Output::Output(Output&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Output& Output::operator=(Output&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

Output::~Output() {
  std::free(data_);
}

void Output::sent(size_t n) noexcept {
  BULLA_ASSERT(n <= end_ - begin_, "more bytes sent than were pending");
  begin_ += n;
  if (begin_ == end_) begin_ = end_ = 0;
}

MutBytes Output::grow(size_t n) {
  if (capacity_ - end_ < n && begin_ > 0) {
    std::memmove(data_, data_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ < n) {
    const size_t wanted = std::max<size_t>({end_ + n, capacity_ + capacity_ / 2, 512});
    void* grown = std::realloc(data_, wanted);
    BULLA_ASSERT(grown != nullptr, "out of memory");
    data_ = static_cast<uint8_t*>(grown);
    capacity_ = wanted;
  }
  const MutBytes fresh{data_ + end_, n};
  end_ += n;
  return fresh;
}

void Output::append(Bytes bytes) {
  BULLA_ASSERT(!holds(bytes), "bytes of a buffer are appended to itself");
  if (!bytes.empty()) std::memcpy(grow(bytes.size()).data(), bytes.data(), bytes.size());
}

void Output::patch(size_t at, uint8_t byte) noexcept {
  BULLA_ASSERT(at < end_ - begin_, "a byte that is not pending is patched");
  data_[begin_ + at] = byte;
}

void Output::shrink(size_t n) noexcept {
  BULLA_ASSERT(n <= end_ - begin_, "more bytes taken back than are pending");
  end_ -= n;
}

bool Output::holds(Bytes bytes) const noexcept {
  const auto at = reinterpret_cast<uintptr_t>(bytes.data()), own = reinterpret_cast<uintptr_t>(data_);
  return !bytes.empty() && at < own + capacity_ && own < at + bytes.size();
}

void Output::release() noexcept {
  if (!empty()) return;
  std::free(data_);
  data_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

MutBytes ReceiveBuffer::space() noexcept {
  if (!unread.empty() && unread.data() != storage_.data())
    std::memmove(storage_.data(), unread.data(), unread.size());
  unread = MutBytes{storage_.data(), unread.size()};
  return MutBytes{storage_}.subspan(unread.size());
}

void ReceiveBuffer::filled(size_t n) noexcept {
  if (n == 0) return;
  // The engine may have taken from the front since space() was called; the end is where it was.
  const size_t end = unread.data() ? static_cast<size_t>(unread.data() + unread.size() - storage_.data()) : 0;
  BULLA_ASSERT(unread.data() && n <= storage_.size() - end,
               "more bytes were filled in than space() had room for");
  unread = MutBytes{unread.data(), unread.size() + n};
}

}  // namespace bulla
