// Opening what lies below one folder, and nothing else.
#pragma once

#include <bulla/http.h>

#include <unistd.h>

namespace bulla::http {

/// An open descriptor with one owner.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) noexcept : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const noexcept { return value_; }
  int release() noexcept { return std::exchange(value_, -1); }

 private:
  int value_;
};

enum class NodeKind : uint8_t { file, folder };
struct Node {
  Descriptor descriptor;
  NodeKind kind;
};

/// One entry of a listing.
struct Entry {
  std::string name;
  NodeKind kind;
};

/// A folder that was opened once; later changes of the names above it do not matter.
class Folder {
 public:
  /// Error: bad_config.
  static Result<Folder> open(const std::string& path);
  /// Opens a file or folder by the names that lead to it. Symbolic links are followed as long as they stay
  /// inside and lead past no hidden name. On failure the error number of the system: ENOENT for all that does
  /// not exist or may not be seen.
  std::variant<Node, int> open_below(const std::vector<std::string>& names) const;

 private:
  Folder(Descriptor descriptor, std::string canonical) noexcept
      : descriptor_(std::move(descriptor)), canonical_(std::move(canonical)) {}
  std::variant<Node, int> walk(const std::vector<std::string>& names) const;
  std::optional<std::vector<std::string>> canonical_names(const std::vector<std::string>& names) const;

  Descriptor descriptor_;
  std::string canonical_;
};

/// The visible entries of a folder, folders first, by name; at most `max`.
std::vector<Entry> entries_of(const Node& folder, size_t max);
/// Names that begin with a dot are not for visitors, except ".well-known" (RFC 8615).
bool is_hidden(std::string_view name) noexcept;

}  // namespace bulla::http
